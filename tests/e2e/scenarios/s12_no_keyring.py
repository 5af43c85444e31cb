# SPDX-License-Identifier: GPL-3.0-or-later
from driver.world import INBOX

TITLE = "without a keyring the mail comes all the same, no window stands in the way, and a note says why"


def tell(world):
	for bus in (True, False):
		world.open(keyring=False, bus=bus)
		claws = world.sign_in()
		assert len(claws.windows()) == 1, f"windows nobody asked for: {claws.windows()}"
		claws.open_folder(INBOX)
		claws.until("the list", claws.rows)
		claws.menu("Tools", "Network Log")
		claws.until("a note about the keyring in the log", lambda: [
			w for w in claws.widgets(window="Network log") if "keyring" in (w.get("text") or "").lower()])
		world.step("no Secret Service" if bus else "no session bus at all")
		claws.close_window("Network log")
		claws.exit()
		world.check_log_is_clean()
		world.close()
