// SPDX-License-Identifier: GPL-3.0-or-later
// The simulated tenant as the programs here see it: its controls, and a browser that follows a script.

import assert from 'node:assert/strict';

const environment = (name) => {
	const value = process.env[name];

	assert.ok(value, `${name} is not set; run tools/check-interop`);
	return value;
};

export const origin = environment('OUTLOOK_ORIGIN');
export const host = new URL(origin).host;
export const publicClient = environment('OUTLOOK_PUBLIC_CLIENT');
export const confidentialClient = environment('OUTLOOK_CONFIDENTIAL_CLIENT');
export const clientSecret = environment('OUTLOOK_CLIENT_SECRET');
export const alice = 'alice@contoso.example';
export const bob = 'bob@contoso.example';
export const directory = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

// One of the controls of `tools/simulator --help`.
export async function control(name, body = {}, method = 'POST') {
	const answer = await fetch(`${origin}/_control/${name}`, {
		method,
		...(method === 'POST' && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
	});
	const text = await answer.text();

	assert.ok(answer.ok, `${name}: ${answer.status} ${text}`);
	return text === '' ? null : JSON.parse(text);
}

export const dump = (address, folder) =>
	control(`dump?${new URLSearchParams({ address, folder })}`, undefined, 'GET');

// How many requests of the test so far went to a path with that end.
export async function countRequests(end) {
	const { requests } = await control('log', undefined, 'GET');

	return requests.filter((line) => line.split(' ')[1].endsWith(end)).length;
}

// Each expression fits one refusal of the test so far, in their order, and there are no others: a client that is used
// as it comes is refused nothing else.
export async function assertRefusals(...expected) {
	const { refusals } = await control('log', undefined, 'GET');

	assert.equal(refusals.length, expected.length, JSON.stringify(refusals));
	expected.forEach((pattern, i) => assert.match(refusals[i], pattern));
}

const unescape = (text) =>
	text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(amp|lt|gt|quot|apos));/gi, (_, decimal, hexadecimal, name) =>
		name ? { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[name.toLowerCase()]
		     : String.fromCodePoint(decimal ? Number(decimal) : parseInt(hexadecimal, 16)));

const attribute = (tag, name) => {
	const match = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag);

	return match && unescape(match[1]);
};

// The one form of a page: where it goes, and what its hidden fields hold.
async function readForm(answer) {
	const page = await answer.text();
	const form = /<form\b[^>]*>/i.exec(page);

	assert.ok(answer.ok && form, `${answer.status}: ${page}`);
	const fields = new URLSearchParams();

	for (const [tag] of page.matchAll(/<input\b[^>]*>/gi))
		if (attribute(tag, 'type') === 'hidden')
			fields.append(attribute(tag, 'name'), attribute(tag, 'value'));
	return { action: new URL(attribute(form[0], 'action'), answer.url), fields };
}

const submit = ({ action, fields }) => fetch(action, { method: 'POST', body: fields, redirect: 'manual' });

// Opens an authorization URL, answers the consent page, and goes where it leads. @decision: accept or cancel.
export async function browse(url, { account = alice, decision = 'accept' } = {}) {
	const form = await readForm(await fetch(url, { redirect: 'manual' }));
	let answer;

	form.fields.set('account', account);
	form.fields.set(decision, decision);
	answer = await submit(form);
	answer = answer.status >= 300 && answer.status < 400
		? await fetch(answer.headers.get('Location'))
		: await submit(await readForm(answer));
	await answer.text();
}

// Types the code into the page that a device shows.
export async function enterCode(url, code, { account = alice, decision = 'accept' } = {}) {
	const form = await readForm(await fetch(url));
	let answer;

	form.fields.set('otc', code);
	form.fields.set('account', account);
	form.fields.set(decision, decision);
	answer = await submit(form);
	assert.ok(answer.ok, await answer.text());
}

// Who a token belongs to, as Graph says.
export async function whose(token) {
	const answer = await fetch(`${origin}/v1.0/me`, { headers: { Authorization: `Bearer ${token}` } });

	assert.equal(answer.status, 200);
	return (await answer.json()).mail;
}
