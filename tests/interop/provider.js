// SPDX-License-Identifier: GPL-3.0-or-later
// A certified OpenID provider of somebody else's making, over TLS on this machine, at the paths of Microsoft's platform,
// and the person who signs in there.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';

import Provider, { interactionPolicy } from 'oidc-provider';

export const person = 'carol';
const tenant = '/common';
const scopes = ['User.Read', 'Mail.ReadWrite'];

// OpenID Connect Core 3.1.2.1: our client asks for an account to be chosen, which this provider leaves to its users.
function makePolicy() {
	const policy = interactionPolicy.base();

	policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
	return policy;
}

const makeClient = (id, secret) => ({
	client_id: id,
	...(secret && { client_secret: secret }),
	token_endpoint_auth_method: secret ? 'client_secret_post' : 'none',
	application_type: 'native',
	redirect_uris: ['http://localhost'],
	response_types: ['code'],
	grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
});

// Answers what the provider asks its person: who it is, and yes or no.
async function interact(provider, request, response) {
	const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);

	if (provider.person.declines)
		return provider.interactionFinished(request, response, { error: 'access_denied' });
	if (prompt.name !== 'consent')
		return provider.interactionFinished(request, response,
			{ login: { accountId: person }, ...(prompt.name === 'select_account' && { select_account: {} }) });

	const grant = grantId
		? await provider.Grant.find(grantId)
		: new provider.Grant({ accountId: session.accountId, clientId: params.client_id });

	grant.addOIDCScope([...(prompt.details.missingOIDCScope ?? [])].join(' '));
	return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } },
		{ mergeWithLastSubmission: true });
}

// @clients: [id, secret or undefined]. The provider; `origin`, `person.declines` and `stop()` are ours.
export async function startProvider({ certificate, key, clients }) {
	const server = https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) });

	await new Promise((resolve) => server.listen(0, 'localhost', resolve));
	const origin = `https://localhost:${server.address().port}`;
	const provider = new Provider(origin, {
		clients: clients.map(([id, secret]) => makeClient(id, secret)),
		scopes: ['openid', 'profile', 'offline_access', ...scopes.map((name) => `${origin}/${name}`)],
		claims: { openid: ['sub'], profile: ['preferred_username'] },
		findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, preferred_username: `${sub}@x.example` }) }),
		features: { devInteractions: { enabled: false }, deviceFlow: { enabled: true }, revocation: { enabled: true } },
		interactions: { policy: makePolicy(), url: (_context, interaction) => `/interaction/${interaction.uid}` },
		pkce: { required: () => true, methods: ['S256'] },
		rotateRefreshToken: true,
		routes: {
			authorization: `${tenant}/oauth2/v2.0/authorize`,
			device_authorization: `${tenant}/oauth2/v2.0/devicecode`,
			token: `${tenant}/oauth2/v2.0/token`,
			jwks: `${tenant}/discovery/v2.0/keys`,
			userinfo: '/oidc/userinfo',
		},
	});

	// OpenID Connect Core 11: offline access needs prompt=consent "unless other conditions for processing the request
	// permitting offline access are in place". Microsoft's platform is such a place; this provider has to be told.
	provider.use((context, next) => {
		if (context.path === `${tenant}/oauth2/v2.0/authorize` && context.query.scope?.includes('offline_access'))
			context.query = { ...context.query, prompt: `${context.query.prompt ?? ''} consent`.trim() };
		return next();
	});
	provider.person = { declines: false };
	server.on('request', (request, response) => {
		if (request.url.startsWith('/interaction/'))
			interact(provider, request, response).catch((error) => {
				response.statusCode = 500;
				response.end(String(error));
			});
		else
			provider.callback()(request, response);
	});
	return Object.assign(provider, {
		origin,
		stop: () => {
			server.closeAllConnections();
			server.close();
		},
	});
}

// A browser with cookies, which follows where it is led. (fetch() says that it is no navigation, and our listener takes
// nothing else.)
export class Browser {
	#cookies = new Map();

	async #send(url, body) {
		const request = (url.startsWith('https:') ? https : http).request(url, {
			method: body ? 'POST' : 'GET',
			headers: {
				Cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
				'Sec-Fetch-Mode': 'navigate',
				'Sec-Fetch-Dest': 'document',
				...(body && { 'Content-Type': 'application/x-www-form-urlencoded' }),
			},
		});

		request.end(body?.toString());
		const [answer] = await once(request, 'response');
		const chunks = await answer.toArray();

		for (const cookie of answer.headers['set-cookie'] ?? []) {
			const [name, value] = cookie.split(';')[0].split(/=(.*)/s);

			this.#cookies.set(name, value);
		}
		return { status: answer.statusCode, location: answer.headers.location, page: Buffer.concat(chunks).toString() };
	}

	async go(url, body) {
		let answer = await this.#send(url, body);

		for (let i = 0; i < 20 && answer.status >= 300 && answer.status < 400; i++) {
			url = new URL(answer.location, url).href;
			answer = await this.#send(url);
		}
		return { url, status: answer.status, page: answer.page };
	}

	// The one form of a page, with what a person adds to it.
	async submit({ url, page }, extra = {}) {
		const form = /<form\b[^>]*>/i.exec(page);

		assert.ok(form, page);
		const action = /\baction="([^"]*)"/i.exec(form[0])[1].replaceAll('&amp;', '&');
		const fields = new URLSearchParams();

		for (const [tag] of page.matchAll(/<input\b[^>]*>/gi)) {
			const name = /\bname="([^"]*)"/i.exec(tag)?.[1];

			if (name && /\btype="hidden"/i.test(tag))
				fields.append(name, /\bvalue="([^"]*)"/i.exec(tag)[1].replaceAll('&amp;', '&'));
		}
		for (const [name, value] of Object.entries(extra))
			fields.set(name, value);
		return this.go(new URL(action, url).href, fields);
	}
}
