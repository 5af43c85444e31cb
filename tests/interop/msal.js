// SPDX-License-Identifier: GPL-3.0-or-later
// MSAL for Node signs in at the simulated tenant. The package to use is the first argument.

import assert from 'node:assert/strict';
import http from 'node:http';
import { beforeEach, test } from 'node:test';

import {
	alice, assertRefusals, bob, browse, clientSecret, confidentialClient, control, countRequests, directory, enterCode,
	host, origin, publicClient, whose,
} from './tenant.js';

const {
	ConfidentialClientApplication, CryptoProvider, InteractionRequiredAuthError, PublicClientApplication, ServerError,
} = await import(process.argv[2]);

const scopes = ['User.Read', 'Mail.ReadWrite', 'Mail.Send'].map((name) => `${origin}/${name}`);

const options = (tenant, auth = {}) => ({
	auth: {
		clientId: publicClient,
		authority: `${origin}/${tenant}`,
		knownAuthorities: [host],
		...auth,
	},
});

const signIn = (application, request = {}, script = {}) =>
	application.acquireTokenInteractive({ scopes, openBrowser: (url) => browse(url, script), ...request });

beforeEach(() => control('reset'));

for (const tenant of ['common', 'organizations', directory, 'contoso.example'])
	test(`a person signs in in the browser at ${tenant}`, async () => {
		const application = new PublicClientApplication(options(tenant));
		let url;
		const result = await signIn(application, {
			prompt: 'select_account',
			openBrowser: (opened) => browse(url = opened),
		});
		const query = new URL(url).searchParams;

		assert.equal(query.get('code_challenge_method'), 'S256');
		assert.equal(query.get('code_challenge').length, 43);
		assert.equal(result.account.username, alice);
		assert.equal(result.account.tenantId, directory);
		assert.equal(result.account.homeAccountId, `${result.idTokenClaims.oid}.${directory}`);
		assert.equal(result.idTokenClaims.aud, publicClient);
		assert.equal(result.tokenType, 'Bearer');
		for (const scope of scopes)
			assert.ok(result.scopes.includes(scope), `${scope} in ${result.scopes}`);
		assert.ok(result.expiresOn > new Date());
		assert.equal(await whose(result.accessToken), alice);
		assert.equal(await countRequests('/oauth2/v2.0/token'), 1);
		await assertRefusals();
	});

test('the account of the hint signs in', async () => {
	const result = await signIn(new PublicClientApplication(options('common')), { loginHint: bob }, { account: bob });

	assert.equal(result.account.username, bob);
	assert.equal(await whose(result.accessToken), bob);
	await assertRefusals();
});

test('a person who declines is no error of the client', async () => {
	await assert.rejects(
		signIn(new PublicClientApplication(options('common')), {}, { decision: 'cancel' }),
		(error) => error instanceof ServerError && error.errorCode === 'access_denied' &&
			error.errorMessage.includes('AADSTS65004'));
	assert.equal(await countRequests('/oauth2/v2.0/token'), 0);
});

test('a tenant that is not there is told before a browser opens', async () => {
	let opened = false;

	await assert.rejects(signIn(new PublicClientApplication(options('nowhere.example')), {
		openBrowser: async () => {
			opened = true;
		},
	}));
	assert.equal(opened, false);
	await assertRefusals(/AADSTS90002/);
});

test('a token is renewed silently, and only when it must be', async () => {
	const application = new PublicClientApplication(options('common'));
	const first = await signIn(application);
	const { account } = first;
	const cached = await application.acquireTokenSilent({ account, scopes });

	assert.equal(cached.fromCache, true);
	assert.equal(cached.accessToken, first.accessToken);
	assert.equal(await countRequests('/oauth2/v2.0/token'), 1);

	const renewed = await application.acquireTokenSilent({ account, scopes, forceRefresh: true });

	assert.equal(renewed.fromCache, false);
	assert.notEqual(renewed.accessToken, first.accessToken);
	assert.equal(renewed.account.homeAccountId, account.homeAccountId);
	assert.equal(await whose(renewed.accessToken), alice);
	assert.equal(await countRequests('/oauth2/v2.0/token'), 2);
	await assertRefusals();
});

test('a token that has run out is renewed by itself', async () => {
	await control('settings', { access_lifetime: 60 });
	try {
		const application = new PublicClientApplication(options('common'));
		const first = await signIn(application);
		const second = await application.acquireTokenSilent({ account: first.account, scopes });

		assert.notEqual(second.accessToken, first.accessToken);
		assert.equal(await whose(second.accessToken), alice);
		await assertRefusals();
	} finally {
		await control('settings', { access_lifetime: 3599 });
	}
});

test('a rotated refresh token is taken from each answer, and the cache outlives the program', async () => {
	await control('settings', { rotate: true });
	try {
		let application = new PublicClientApplication(options('common'));

		await signIn(application);
		for (let i = 0; i < 3; i++) {
			const cache = application.getTokenCache().serialize();

			application = new PublicClientApplication(options('common'));
			application.getTokenCache().deserialize(cache);
			const [account] = await application.getTokenCache().getAllAccounts();
			const result = await application.acquireTokenSilent({ account, scopes, forceRefresh: true });

			assert.equal(await whose(result.accessToken), alice);
		}
		await assertRefusals();
	} finally {
		await control('settings', { rotate: false });
	}
});

test('a sign-in that was revoked asks for the person', async () => {
	const application = new PublicClientApplication(options('common'));
	const { account } = await signIn(application);

	await control('revoke', { address: alice });
	await assert.rejects(
		application.acquireTokenSilent({ account, scopes, forceRefresh: true }),
		(error) => error instanceof InteractionRequiredAuthError || error.errorCode === 'invalid_grant');
	await assertRefusals(/AADSTS50173/);
	await signIn(application, { loginHint: alice });
});

test('a permission that nobody gave asks for consent', async () => {
	const application = new PublicClientApplication(options('common'));
	const { account } = await signIn(application, { scopes: [`${origin}/User.Read`] });

	await assert.rejects(
		application.acquireTokenSilent({ account, scopes: [`${origin}/Mail.Send`] }),
		(error) => error instanceof InteractionRequiredAuthError && error.subError === 'consent_required');
	await assertRefusals(/AADSTS65001/);
	const result = await signIn(application, { loginHint: alice, scopes: [`${origin}/Mail.Send`] });

	assert.ok(result.scopes.includes(`${origin}/Mail.Send`));
});

test('short names of permissions mean Graph', async () => {
	const application = new PublicClientApplication(options('common'));
	const result = await signIn(application, { scopes: ['User.Read', 'Mail.Read'] });

	assert.ok(result.scopes.includes('Mail.Read'));
	assert.equal((await application.acquireTokenSilent({ account: result.account, scopes: ['Mail.Read'] })).fromCache,
		true);
	await assertRefusals();
});

test('claims and capabilities reach the tenant', async () => {
	const application = new PublicClientApplication(options('common', { clientCapabilities: ['CP1'] }));
	const { account } = await signIn(application);
	const result = await application.acquireTokenSilent({
		account,
		scopes,
		claims: JSON.stringify({ access_token: { nbf: { essential: true, value: '1700000000' } } }),
	});

	assert.equal(result.fromCache, false);
	assert.equal(await whose(result.accessToken), alice);
	await assertRefusals();
});

test('a device signs in by a code', async () => {
	await control('settings', { device_interval: 1 });
	const application = new PublicClientApplication(options('common'));
	const result = await application.acquireTokenByDeviceCode({
		scopes,
		deviceCodeCallback: async ({ userCode, verificationUri, message, interval, expiresIn }) => {
			assert.ok(message.includes(userCode) && message.includes(verificationUri));
			assert.equal(interval, 1);
			assert.equal(expiresIn, 900);
			// The person comes after the first polls.
			while (await countRequests('/oauth2/v2.0/token') < 2)
				await new Promise((resolve) => setTimeout(resolve, 100));
			await enterCode(verificationUri, userCode);
		},
	});

	assert.equal(result.account.username, alice);
	assert.equal(await whose(result.accessToken), alice);
	const silent = await application.acquireTokenSilent({ account: result.account, scopes, forceRefresh: true });

	assert.equal(await whose(silent.accessToken), alice);
	await assertRefusals();
});

test('a device code that is declined ends the wait', async () => {
	await control('settings', { device_interval: 1 });
	await assert.rejects(
		new PublicClientApplication(options('common')).acquireTokenByDeviceCode({
			scopes,
			deviceCodeCallback: ({ userCode, verificationUri }) =>
				enterCode(verificationUri, userCode, { decision: 'cancel' }),
		}),
		/authorization_declined/);
});

// A registration of the platform Web: its own listener with a path, the answer in the query.
async function confidentialSignIn(application) {
	const crypto = new CryptoProvider();
	const { verifier, challenge } = await crypto.generatePkceCodes();
	const state = crypto.createNewGuid();
	let arrived;
	const answer = new Promise((resolve) => {
		arrived = resolve;
	});
	const server = http.createServer((request, response) => {
		response.end('You can close this window.');
		arrived(new URL(request.url, 'http://localhost').searchParams);
	});

	await new Promise((resolve) => server.listen(0, 'localhost', resolve));
	try {
		const redirectUri = `http://localhost:${server.address().port}/callback`;

		await browse(await application.getAuthCodeUrl({
			scopes, redirectUri, state, codeChallenge: challenge, codeChallengeMethod: 'S256', responseMode: 'query',
		}));
		const query = await answer;

		assert.equal(query.get('state'), state);
		return await application.acquireTokenByCode({
			scopes, redirectUri, code: query.get('code'), codeVerifier: verifier,
		});
	} finally {
		server.closeAllConnections();
		server.close();
	}
}

test('a confidential client signs in and renews', async () => {
	const application = new ConfidentialClientApplication(
		options('common', { clientId: confidentialClient, clientSecret }));
	const result = await confidentialSignIn(application);

	assert.equal(result.account.username, alice);
	assert.equal(await whose(result.accessToken), alice);
	const silent = await application.acquireTokenSilent({ account: result.account, scopes, forceRefresh: true });

	assert.notEqual(silent.accessToken, result.accessToken);
	assert.equal(await whose(silent.accessToken), alice);
	await assertRefusals();
});

test('a wrong secret is refused as such', async () => {
	const application = new ConfidentialClientApplication(
		options('common', { clientId: confidentialClient, clientSecret: `${clientSecret}x` }));

	await assert.rejects(confidentialSignIn(application),
		(error) => error.errorCode === 'invalid_client' && error.errorMessage.includes('7000215'));
	await assertRefusals(/AADSTS7000215/);
});

test('a secret of a public client is refused as such', async () => {
	const application = new ConfidentialClientApplication(options('common', { clientSecret }));

	await assert.rejects(
		application.acquireTokenByCode({ scopes, redirectUri: 'http://localhost', code: 'x' }),
		(error) => error.errorCode === 'invalid_client' && error.errorMessage.includes('700025'));
	await assertRefusals(/AADSTS700025/);
});
