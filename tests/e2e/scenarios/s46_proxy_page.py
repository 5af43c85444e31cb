# SPDX-License-Identifier: GPL-3.0-or-later
import os
import urllib.parse
from unittest import mock

from driver.socks import Socks
from driver.world import INBOX

TITLE = "what is set on the client's own page Proxy holds for an account: sign-in and mail go through that proxy, by names that only it finds"
LONG = True

NAME = "tenant.contoso.example"
PAGE = "Outlook - Account preferences"
WINDOW = "Sign in on another device"


def tell(world):
	world.open(simulator=("--tls", "authority", "--origin", f"https://{NAME}"))
	authority = world.session.path("authority", "ca.pem")
	trust(world, authority)
	with Socks(urllib.parse.urlsplit(world.tenant.origin).port) as proxy, \
			mock.patch.dict(os.environ, SSL_CERT_FILE=authority):
		world.tenant.set_device(device_interval=1)
		world.make_profile(extra=("--identity", f"https://{NAME}", "--graph", f"https://{NAME}"))
		claws = world.start_claws()
		set_proxy(world, claws, proxy)
		assert not proxy.names, f"the proxy was asked before anybody signed in: {proxy.names}"
		sign_in(world, claws)
		claws.remote("--receive")
		claws.open_folder(INBOX)
		claws.until("the Inbox has its mail", lambda: "Lunch on Thursday" in claws.subjects())
		assert set(proxy.names) == {NAME}, proxy.names
		world.step("the Inbox has come through the proxy")
		claws.exit()


def trust(world, authority):
	"""The client believes in the tenant's certificate."""
	preloaded = [world.environment.get("LD_PRELOAD"), os.path.join(world.build, "tests", "e2e", "libtrust.so")]
	world.environment.update(LD_PRELOAD=" ".join(filter(None, preloaded)), TEST_AUTHORITY=authority)


def set_proxy(world, claws, proxy):
	open_page(claws, "Proxy")
	claws.press("Use proxy server", window=PAGE)
	claws.press("Use default settings", window=PAGE)
	port = claws.until("the proxy's port", lambda: claws.widgets(
		type="GtkSpinButton", window=PAGE, text="1080", sensitive=True))[0]
	claws.fill(port, str(proxy.port))
	world.step("the proxy is typed on the client's own page")
	claws.press("OK", window=PAGE)
	claws.until("the form is closed", lambda: PAGE not in claws.windows())
	claws.press("Close", window="Edit accounts")
	claws.until("no window is left", lambda: len(claws.windows()) == 1)


def sign_in(world, claws):
	open_page(claws, "Outlook")
	claws.press("Sign in on another device…", window=PAGE)
	code = claws.until("the code", lambda: value(claws, "2. Type this code there, and sign in:"))
	address = value(claws, "1. Open this page on a phone or another computer:")
	world.tenant.enter_code(world.tenant.origin + urllib.parse.urlsplit(address).path, code)
	claws.until("the window is gone", lambda: WINDOW not in claws.windows())
	claws.until("it is signed in", lambda: [
		w for w in claws.widgets(type="GtkLabel") if "Signed in as" in (w.get("text") or "")])
	world.step("signed in through the proxy")
	claws.press("OK", window=PAGE)
	claws.until("the form is closed", lambda: PAGE not in claws.windows())
	claws.press("Close", window="Edit accounts")
	claws.until("the account is in the tree", lambda: claws.folder(INBOX))


def open_page(claws, page):
	claws.focus_main()
	claws.menu("Configuration", "Edit accounts...")
	claws.select_cell("Outlook", window="Edit accounts")
	claws.press("Edit", window="Edit accounts")
	claws.select_cell(page, window=PAGE)


def value(claws, label):
	titles = claws.widgets(type="GtkLabel", text=label, labels=bool)
	found = claws.widgets(id=titles[0]["labels"]) if titles else []
	return found[0].get("text") if found else None
