// SPDX-License-Identifier: GPL-3.0-or-later
// Our own client code signs in at a certified OpenID provider.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { after, before, beforeEach, test } from 'node:test';

import { Browser, person, startProvider } from './provider.js';

const {
	OUTLOOK_OAUTH_CLIENT: program, OUTLOOK_CERTIFICATE: certificate, OUTLOOK_KEY: key,
	OUTLOOK_CLIENT_SECRET: secret, OUTLOOK_PUBLIC_CLIENT: publicClient, OUTLOOK_CONFIDENTIAL_CLIENT: confidentialClient,
} = process.env;
let provider;

before(async () => {
	provider = await startProvider({
		certificate, key, clients: [[publicClient], [confidentialClient, secret]],
	});
});
after(() => provider.stop());
beforeEach(() => {
	provider.person.declines = false;
});

// The program of tests/interop/oauth-client.c; its lines, one after the other.
class Client {
	constructor(way, id, clientSecret = '') {
		this.process = spawn(program, [way, provider.origin, certificate, id], {
			env: { ...process.env, OUTLOOK_CLIENT_SECRET: clientSecret },
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		this.lines = readline.createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
	}

	// What follows that word on the next line
	async read(word) {
		const { value } = await this.lines.next();

		assert.ok(value?.startsWith(`${word} `), `${value} in place of ${word}`);
		return value.slice(word.length + 1);
	}

	async renew() {
		this.process.stdin.write('\n');
		return this.read('token');
	}

	end() {
		this.process.stdin.end();
	}
}

async function whose(token) {
	const answer = await fetch(`${provider.origin}/oidc/userinfo`, { headers: { Authorization: `Bearer ${token}` } });

	assert.equal(answer.status, 200, await answer.clone().text());
	return (await answer.json()).sub;
}

// Through the provider's pages and back to the listener
async function browse(client, mode = 'form_post') {
	const browser = new Browser();
	const uri = await client.read('open');
	const query = new URL(uri).searchParams;

	assert.equal(query.get('response_mode'), mode);
	assert.equal(query.get('code_challenge_method'), 'S256');
	let shown = await browser.go(uri);

	if (mode === 'form_post')
		shown = await browser.submit(shown);
	assert.equal(shown.status, 200, shown.page);
	assert.equal(new URL(shown.url).hostname, 'localhost');
}

async function enterCode(client, decision = {}) {
	const browser = new Browser();
	const [code, uri] = (await client.read('code')).split(' ');
	const confirm = await browser.submit(await browser.go(uri), { user_code: code });

	return browser.submit(confirm, { user_code: code, ...decision });
}

async function expectRotation(client) {
	assert.equal(await client.read('identity'), `${provider.origin} ${person}`);
	const tokens = [await client.read('token')];

	for (let i = 0; i < 3; i++)
		tokens.push(await client.renew());
	assert.equal(new Set(tokens).size, 4);
	for (const token of tokens)
		assert.equal(await whose(token), person);
	client.end();
}

for (const [kind, id, clientSecret] of [['public', publicClient], ['confidential', confidentialClient, secret]]) {
	for (const [way, mode] of [['browser', 'form_post'], ['browser-query', 'query']])
		test(`a ${kind} client signs in, the code comes back by ${mode}, and each refresh token is replaced`, async () => {
			const client = new Client(way, id, clientSecret);

			await browse(client, mode);
			await expectRotation(client);
		});

	test(`a ${kind} client signs in by a device code, and each refresh token is replaced`, async () => {
		const client = new Client('device', id, clientSecret);
		const shown = await enterCode(client);

		assert.equal(shown.status, 200, shown.page);
		await expectRotation(client);
	});
}

test('a person who declines in the browser is no error of the client', async () => {
	const client = new Client('browser', publicClient);

	provider.person.declines = true;
	await browse(client);
	assert.equal(await client.read('error'), 'denied');
});

test('a person who declines the device code ends the wait', async () => {
	const client = new Client('device', publicClient);

	await enterCode(client, { confirm: '', abort: 'yes' });
	assert.equal(await client.read('error'), 'denied');
});

test('a wrong secret is the configuration’s fault, with the browser and with a device code', async () => {
	const browser = new Client('browser', confidentialClient, `${secret}x`);

	await browse(browser);
	assert.equal(await browser.read('error'), 'configuration');
	assert.equal(await new Client('device', confidentialClient, `${secret}x`).read('error'), 'configuration');
});

test('a sign-in that was revoked asks for the person', async () => {
	const client = new Client('browser', publicClient);
	const revoked = [];

	provider.once('refresh_token.saved', ({ grantId }) => revoked.push(grantId));
	await browse(client);
	await client.read('identity');
	await client.read('token');
	assert.equal(revoked.length, 1);
	await provider.RefreshToken.revokeByGrantId(revoked[0]);
	client.process.stdin.write('\n');
	assert.equal(await client.read('error'), 'sign-in-required');
});
