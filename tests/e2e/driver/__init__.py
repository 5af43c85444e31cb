# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives a real Claws Mail under Xvfb, against the simulated tenant."""
