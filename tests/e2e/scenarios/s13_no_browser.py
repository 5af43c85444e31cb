# SPDX-License-Identifier: GPL-3.0-or-later
from driver.world import INBOX

TITLE = "without a browser the client says so in words and goes on"


def tell(world):
	world.open()
	world.make_profile(browser=world.session.path("there-is-no-browser"))
	claws = world.start_claws()
	claws.remote("--receive")
	claws.until("the reason is on the screen", lambda: [
		w for w in claws.widgets() if "browser" in (w.get("text") or "").lower()])
	assert len(claws.windows()) == 1, f"windows nobody asked for: {claws.windows()}"
	assert claws.folder(INBOX), "the account is not in the tree"
	world.step("the reason is on the screen, and no window stands in the way")
	claws.exit()
