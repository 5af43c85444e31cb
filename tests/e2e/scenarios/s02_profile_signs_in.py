# SPDX-License-Identifier: GPL-3.0-or-later
from driver import secrets_kept
from driver.world import ARCHIVE, DRAFTS, INBOX, SENT, TRASH

TITLE = "an account made by tools/profile signs in at its first check, and its mail comes by itself; no secret is anywhere but in the keyring"

CLIENT = "22222222-3333-4444-8555-666666666666"
SECRET = "s+e/c=r&e%t~of-a-story-to-be-kept"

# The host's own numbers of special folders (folder.h).
ROLES = {INBOX: 1, SENT: 2, DRAFTS: 3, TRASH: 5}


def tell(world):
	world.open(simulator=("--client", f"{CLIENT}:{SECRET}"))
	world.make_profile(secret=SECRET, client_id=CLIENT)
	secrets_kept.be_talkative(world)
	claws = world.start_claws(secrets_kept.DEBUG)
	assert world.browser_visits() == [], "the browser was opened before any check"
	world.step("the client starts straight into its main window")

	claws.remote("--receive")
	world.until("the browser was opened", world.browser_visits)
	world.wait_for_mail()
	world.step("the first check signed in, and the Inbox came")

	claws.until("all special folders", lambda: all(claws.folder(f) for f in (*ROLES, ARCHIVE)))
	for identifier, role in ROLES.items():
		assert claws.folder(identifier)["type"] == role, f"{identifier} has role {claws.folder(identifier)['type']}"
	names = {f["displayName"] for f in world.alice.list("/me/mailFolders?$top=100")
		 if "mailSearchFolder" not in f.get("@odata.type", "")}
	shown = {f["name"] for f in claws.folders()}
	missing = {n.replace("/", "∕") for n in names} - shown
	assert not missing, f"folders of the server that are not shown: {missing}"

	claws.remote("--receive")
	claws.remote("--receive")
	world.until("a quiet check", lambda: world.tenant.requests("/v1.0/"))
	assert len(world.browser_visits()) == 1, "the browser was opened more than once"
	url = world.browser_visits()[0]
	for part in ("code_challenge_method=S256", "response_type=code", "state=", "client_id="):
		assert part in url, f"the sign-in address lacks {part}"
	assert "client_secret" not in url
	assert len(claws.windows()) == 1, f"windows nobody asked for: {claws.windows()}"
	assert claws.longest_stall() < 5000, "the window stood still for seconds"
	world.step("nothing else was opened, and the window never stood still")

	world.tenant.expire_access()
	asked = len(world.tenant.requests("/token"))
	claws.remote("--receive")
	world.until("the token was renewed", lambda: len(world.tenant.requests("/token")) > asked)
	assert SECRET in world.tenant.secrets(), "the client secret was not sent"
	count = secrets_kept.check(world)
	world.step(f"no token, code, secret or verifier in {count} files, outputs and command lines")
	claws.exit()
	secrets_kept.check(world)
