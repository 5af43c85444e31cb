# SPDX-License-Identifier: GPL-3.0-or-later
from driver.world import INBOX

TITLE = "the plugin is unloaded while one of its folders is open, and everything is there after a new start"


def tell(world):
	world.open()
	claws = world.sign_in()
	claws.open_folder(INBOX)
	subjects = sorted(claws.subjects())
	claws.select_message(next(s for s in subjects if s))
	claws.menu("Configuration", "Plugins...")
	claws.select_cell("Outlook", window="Plugins")
	claws.press("Unload", window="Plugins")
	claws.until("its folders are gone", lambda: claws.folder(INBOX) is None)
	world.step("the plugin was unloaded with its Inbox on screen")
	claws.press("Close", window="Plugins")
	claws.until("the window closes", lambda: "Plugins" not in claws.windows())
	claws.exit()
	world.step("the client lived on and ended")

	world.restore_plugin()
	claws = world.start_claws()
	claws.open_folder(INBOX)
	claws.until("the list is whole", lambda: sorted(claws.subjects()) == subjects)
	claws.exit()
