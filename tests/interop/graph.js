// SPDX-License-Identifier: GPL-3.0-or-later
// The Graph JavaScript SDK works in a mailbox of the simulated tenant, with tokens that MSAL gets and renews.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { before, beforeEach, test } from 'node:test';

import graph from '@microsoft/microsoft-graph-client';

import { alice, assertRefusals, bob, browse, control, countRequests, dump, host, origin, publicClient } from './tenant.js';

const {
	BatchRequestContent, BatchResponseContent, Client, FileUpload, GraphError, LargeFileUploadTask, PageIterator,
	ResponseType,
} = graph;
const { PublicClientApplication } = await import(process.argv[2]);

const scopes = ['User.Read', 'Mail.ReadWrite', 'Mail.Send'].map((name) => `${origin}/${name}`);
const immutable = { Prefer: 'IdType="ImmutableId"' };
const clients = {};

before(async () => {
	const application = new PublicClientApplication({
		auth: { clientId: publicClient, authority: `${origin}/common`, knownAuthorities: [host] },
	});

	for (const address of [alice, bob]) {
		const { account } = await application.acquireTokenInteractive({
			scopes, openBrowser: (url) => browse(url, { account: address }),
		});

		clients[address] = Client.initWithMiddleware({
			baseUrl: `${origin}/`,
			customHosts: new Set([new URL(origin).hostname]),
			authProvider: {
				getAccessToken: async () => (await application.acquireTokenSilent({ account, scopes })).accessToken,
			},
		});
	}
});

// Each test begins with the invented mailboxes and an empty log.
beforeEach(async () => {
	await control('mailbox', { address: alice });
	await control('mailbox', { address: bob });
	await control('reset');
});

const api = (path, address = alice) => clients[address].api(path);

// All of a list, page by page.
async function readAll(first, requestOptions) {
	const items = [];
	const iterator = new PageIterator(clients[alice], first, (item) => {
		items.push(item);
		return true;
	}, requestOptions);

	await iterator.iterate();
	assert.ok(iterator.isComplete());
	return { items, deltaLink: iterator.getDeltaLink() };
}

const draft = (subject, to = bob) => ({
	subject,
	body: { contentType: 'text', content: `About ${subject}.` },
	toRecipients: [{ emailAddress: { address: to } }],
});

async function findBySubject(subject, folder, address) {
	const { value } = await api(`/me/mailFolders/${folder}/messages`, address)
		.filter(`subject eq '${subject}'`).expand('attachments').get();

	assert.equal(value.length, 1, `${subject} in ${folder} of ${address}`);
	return value[0];
}

const hash = (bytes) => createHash('sha256').update(Buffer.from(bytes)).digest('hex');

test('the person is who signed in', async () => {
	for (const address of [alice, bob])
		assert.equal((await api('/me', address).select('displayName', 'mail').get()).mail, address);
	await assertRefusals();
});

test('folders are listed in pages', async () => {
	const { items } = await readAll(await api('/me/mailFolders').top(3).get());
	const inbox = await api('/me/mailFolders/inbox').get();
	const children = await api(`/me/mailFolders/${inbox.id}/childFolders`).get();

	assert.ok(items.length > 5);
	assert.equal(new Set(items.map(({ id }) => id)).size, items.length);
	assert.equal(items.find(({ id }) => id === inbox.id).totalItemCount, inbox.totalItemCount);
	assert.equal(children.value.length, inbox.childFolderCount);
	await assertRefusals();
});

test('a folder is made, renamed, moved and removed', async () => {
	const folder = await api('/me/mailFolders').post({ displayName: 'Ropes' });
	const renamed = await api(`/me/mailFolders/${folder.id}`).patch({ displayName: 'Ropes and knots' });

	assert.equal(renamed.displayName, 'Ropes and knots');
	const moved = await api(`/me/mailFolders/${folder.id}/move`).post({ destinationId: 'inbox' });

	assert.equal(moved.parentFolderId, (await api('/me/mailFolders/inbox').get()).id);
	await api(`/me/mailFolders/${moved.id}`).delete();
	const { value } = await api('/me/mailFolders/inbox/childFolders').top(100).get();

	assert.ok(value.every(({ id }) => id !== moved.id));
	await assertRefusals();
});

test('messages are listed, chosen and sorted', async () => {
	const all = await dump(alice, 'inbox');
	const list = await api('/me/mailFolders/inbox/messages')
		.select(['subject', 'receivedDateTime', 'isRead', 'from'])
		.filter('isRead eq false').top(50).count(true).get();
	const unread = all.filter(({ isRead }) => !isRead);

	assert.equal(list['@odata.count'], unread.length);
	assert.deepEqual(list.value.map(({ subject }) => subject).sort(), unread.map(({ subject }) => subject).sort());
	assert.equal(list.value[0].body, undefined);
	const sorted = await api('/me/mailFolders/inbox/messages').select('receivedDateTime')
		.orderby('receivedDateTime asc').top(50).get();
	const times = sorted.value.map(({ receivedDateTime }) => receivedDateTime);

	assert.equal(times.length, all.length);
	assert.deepEqual(times, [...times].sort());
	await assertRefusals();
});

test('a list is paged, stopped and taken up again', async () => {
	await control('mailbox', { address: alice, directory: '' });
	await control('fill', { address: alice, folder: 'inbox', count: 57 });
	const subjects = new Set();
	const iterator = new PageIterator(clients[alice],
		await api('/me/mailFolders/inbox/messages').select('subject').top(10).get(),
		({ subject }) => {
			subjects.add(subject);
			return subjects.size !== 25;
		});

	await iterator.iterate();
	assert.equal(subjects.size, 25);
	assert.equal(iterator.isComplete(), false);
	await iterator.resume();
	assert.equal(subjects.size, 57);
	assert.equal(iterator.isComplete(), true);
	assert.equal(await countRequests('/me/mailFolders/inbox/messages'), 6);
	await assertRefusals();
});

test('the mail itself is read', async () => {
	const eml = [
		'From: Carol <carol@contoso.example>', 'To: alice@contoso.example', 'Subject: =?utf-8?Q?Br=C3=BCcke?=',
		'Message-ID: <interop@contoso.example>', 'Date: Mon, 05 Jan 2026 10:00:00 +0000', 'MIME-Version: 1.0',
		'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', '', 'Die Brücke steht.', '',
	].join('\r\n');
	const { id } = await control('deliver', { address: alice, folder: 'inbox', eml });
	const path = `/me/messages/${id}`;
	const message = await api(path).headers(immutable).get();

	assert.equal(message.id, id);
	assert.equal(message.subject, 'Brücke');
	assert.equal(Buffer.from(await api(`${path}/$value`).responseType(ResponseType.ARRAYBUFFER).get()).toString(), eml);
	const chunks = [];

	for await (const chunk of await api(`${path}/$value`).getStream())
		chunks.push(Buffer.from(chunk));
	assert.equal(Buffer.concat(chunks).toString(), eml);
	await assertRefusals();
});

test('what changes in a folder comes by delta', async () => {
	const headers = { Prefer: 'IdType="ImmutableId", odata.maxpagesize=7' };
	const first = await readAll(
		await api('/me/mailFolders/inbox/messages/delta').select('subject,isRead').headers(headers).get(), { headers });
	const everything = await dump(alice, 'inbox');

	assert.equal(first.items.length, everything.length);
	assert.ok(await countRequests('/me/mailFolders/inbox/messages/delta') > 1);
	const quiet = await readAll(await api(first.deltaLink).headers(headers).get(), { headers });

	assert.equal(quiet.items.length, 0);
	const [changed, removed] = first.items;

	await api(`/me/messages/${changed.id}`).headers(immutable).patch({ isRead: !changed.isRead });
	await api(`/me/messages/${removed.id}`).headers(immutable).delete();
	await control('deliver', {
		address: alice, folder: 'inbox', eml: 'From: bob@contoso.example\r\nSubject: New\r\n\r\nText\r\n',
	});
	const later = await readAll(await api(quiet.deltaLink).headers(headers).get(), { headers });

	assert.equal(later.items.length, 3);
	assert.equal(later.items.find(({ id }) => id === changed.id).isRead, !changed.isRead);
	assert.ok(later.items.find(({ id }) => id === removed.id)['@removed']);
	assert.ok(later.items.some(({ subject }) => subject === 'New'));
	await assertRefusals();
});

test('a draft is written, changed and sent', async () => {
	const { id } = await api('/me/messages').post(draft('Knots'));

	await api(`/me/messages/${id}`).patch({ importance: 'high', body: { contentType: 'html', content: '<b>Knots</b>' } });
	await api(`/me/messages/${id}/attachments`).post({
		'@odata.type': '#microsoft.graph.fileAttachment', name: 'knot.txt', contentType: 'text/plain',
		contentBytes: Buffer.from('over, under').toString('base64'),
	});
	await api(`/me/messages/${id}/send`).post();
	const arrived = await findBySubject('Knots', 'inbox', bob);

	assert.equal(arrived.importance, 'high');
	assert.equal(arrived.from.emailAddress.address, alice);
	assert.equal(arrived.attachments[0].name, 'knot.txt');
	const content = await api(`/me/messages/${arrived.id}/attachments/${arrived.attachments[0].id}/$value`, bob)
		.responseType(ResponseType.TEXT).get();

	assert.equal(content, 'over, under');
	await findBySubject('Knots', 'sentitems', alice);
	await assertRefusals();
});

test('a mail is sent at once, as JSON and as MIME', async () => {
	const mime = `From: ${alice}\r\nTo: ${bob}\r\nSubject: As MIME\r\n\r\nText\r\n`;

	await api('/me/sendMail').post({ message: draft('As JSON'), saveToSentItems: false });
	await api('/me/sendMail').header('Content-Type', 'text/plain').post(Buffer.from(mime).toString('base64'));
	await findBySubject('As JSON', 'inbox', bob);
	await findBySubject('As MIME', 'inbox', bob);
	await findBySubject('As MIME', 'sentitems', alice);
	assert.equal((await api('/me/mailFolders/sentitems/messages').filter("subject eq 'As JSON'").get()).value.length, 0);
	await assertRefusals();
});

test('a mail is answered and forwarded', async () => {
	await api('/me/sendMail', bob).post({ message: draft('Question', alice) });
	const { id } = await findBySubject('Question', 'inbox', alice);
	const answer = await api(`/me/messages/${id}/createReply`).post({ comment: 'Yes.' });

	assert.equal(answer.toRecipients[0].emailAddress.address, bob);
	await api(`/me/messages/${answer.id}/send`).post();
	await api(`/me/messages/${id}/forward`).post({
		comment: 'See below.', toRecipients: [{ emailAddress: { address: bob } }],
	});
	const { value } = await api('/me/mailFolders/inbox/messages', bob).filter("contains(subject,'Question')").get();

	assert.equal(value.length, 2);
	await assertRefusals();
});

test('a large file is uploaded in ranges', async () => {
	const content = new Uint8Array(randomBytes(5_000_000));
	const { id } = await api('/me/messages').headers(immutable).post(draft('Large'));
	const session = await LargeFileUploadTask.createUploadSession(clients[alice],
		`/me/messages/${id}/attachments/createUploadSession`,
		{ AttachmentItem: { attachmentType: 'file', name: 'noise.bin', size: content.length } });
	const ranges = [];
	const task = new LargeFileUploadTask(clients[alice], new FileUpload(content, 'noise.bin', content.length), session, {
		rangeSize: 4 * 320 * 1024,
		uploadEventHandlers: { progress: ({ minValue, maxValue }) => ranges.push(maxValue - minValue + 1) },
	});
	const result = await task.upload();

	assert.match(result.location, /\/Attachments\('[^']+'\)$/);
	assert.equal(ranges.length, 4);
	assert.equal(ranges.reduce((sum, length) => sum + length), content.length);
	const { value } = await api(`/me/messages/${id}/attachments`).select('id,name,size').get();

	assert.equal(value.length, 1);
	const back = await api(`/me/messages/${id}/attachments/${value[0].id}/$value`)
		.responseType(ResponseType.ARRAYBUFFER).get();

	assert.equal(hash(back), hash(content));
	await api(`/me/messages/${id}/send`).post();
	const arrived = await findBySubject('Large', 'inbox', bob);

	assert.equal(hash(Buffer.from(arrived.attachments[0].contentBytes, 'base64')), hash(content));
	await assertRefusals();
});

test('an upload is given up', async () => {
	const content = new Uint8Array(4_000_000);
	const { id } = await api('/me/messages').post(draft('Given up'));
	const session = await LargeFileUploadTask.createUploadSession(clients[alice],
		`/me/messages/${id}/attachments/createUploadSession`,
		{ AttachmentItem: { attachmentType: 'file', name: 'nothing.bin', size: content.length } });
	const task = new LargeFileUploadTask(clients[alice], new FileUpload(content, 'nothing.bin', content.length), session);

	assert.equal((await task.cancel()).status, 204);
	assert.equal((await api(`/me/messages/${id}/attachments`).get()).value.length, 0);
	await assertRefusals();
});

test('messages are moved, copied and deleted', async () => {
	const { value: [message] } = await api('/me/mailFolders/inbox/messages').top(1).headers(immutable).get();
	const moved = await api(`/me/messages/${message.id}/move`).headers(immutable).post({ destinationId: 'archive' });

	assert.equal(moved.id, message.id);
	assert.equal(moved.parentFolderId, (await api('/me/mailFolders/archive').get()).id);
	const copied = await api(`/me/messages/${message.id}/copy`).headers(immutable).post({ destinationId: 'inbox' });

	assert.notEqual(copied.id, message.id);
	await api(`/me/messages/${copied.id}`).delete();
	const left = await api('/me/mailFolders/inbox/messages').top(100).headers(immutable).get();

	assert.ok(left.value.every(({ id }) => id !== message.id && id !== copied.id));
	await assertRefusals();
});

test('several requests go as one', async () => {
	const { value: [message] } = await api('/me/mailFolders/inbox/messages').top(1).headers(immutable).get();
	// The SDK takes the path behind the host; the service wants it relative to the version.
	const url = `${origin}/me/messages/${message.id}`;
	const json = { 'Content-Type': 'application/json', ...immutable };
	const content = new BatchRequestContent([
		{ id: '1', request: new Request(url, { method: 'PATCH', headers: json, body: '{"isRead": true}' }) },
		{ id: '2', request: new Request(`${url}?$select=isRead`, { headers: immutable }), dependsOn: ['1'] },
		{
			id: '3',
			request: new Request(`${url}/move`, { method: 'POST', headers: json, body: '{"destinationId": "archive"}' }),
			dependsOn: ['2'],
		},
	]);
	const answer = new BatchResponseContent(await api('/$batch').post(await content.getContent()));

	assert.equal(answer.getResponseById('1').status, 200);
	assert.equal((await answer.getResponseById('2').json()).isRead, true);
	assert.equal(answer.getResponseById('3').status, 201);
	assert.equal((await answer.getResponseById('3').json()).id, message.id);
	await assertRefusals();
});

test('one request of a batch fails alone', async () => {
	const { id } = await control('deliver', { address: alice, folder: 'inbox', eml: 'Subject: Gone\r\n\r\nText\r\n' });

	await control('delete', { address: alice, id });
	const content = new BatchRequestContent([
		{ id: 'good', request: new Request(`${origin}/me/mailFolders/inbox`) },
		{ id: 'bad', request: new Request(`${origin}/me/messages/${id}`, { headers: immutable }) },
	]);
	const answer = new BatchResponseContent(await api('/$batch').post(await content.getContent()));

	assert.equal(answer.getResponseById('good').status, 200);
	assert.equal((await answer.getResponseById('good').json()).displayName, 'Inbox');
	assert.equal(answer.getResponseById('bad').status, 404);
	assert.equal((await answer.getResponseById('bad').json()).error.code, 'ErrorItemNotFound');
});

test('an error has its code, its status and the id of the request', async () => {
	const { id } = await control('deliver', {
		address: alice, folder: 'inbox', eml: 'Subject: Gone\r\n\r\nText\r\n',
	});

	await control('delete', { address: alice, id });
	await assert.rejects(api(`/me/messages/${id}`).headers(immutable).get(), (error) =>
		error instanceof GraphError && error.statusCode === 404 && error.code === 'ErrorItemNotFound' &&
		/^[0-9a-f-]{36}$/.test(error.requestId) && !Number.isNaN(error.date.getTime()));
	await assert.rejects(api('/me/mailFolders/inbox/messages').filter('nothing eq 1').get(), (error) =>
		error instanceof GraphError && error.statusCode === 400);
});

test('a client waits as long as it is told to', async () => {
	await control('faults', [
		{ path: '/me/mailFolders$', count: 1, kind: 'status', status: 429, headers: { 'Retry-After': '1' } },
		{ path: '/me/mailFolders$', count: 1, kind: 'status', status: 503, headers: { 'Retry-After': '1' } },
	]);
	assert.ok((await api('/me/mailFolders').get()).value.length > 0);
	assert.equal(await countRequests('/me/mailFolders'), 3);
});
