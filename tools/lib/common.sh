# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the programs in tools/ share. Source it; everything is said on standard error, so that
# standard output stays the caller's.

# Files of the source tree, whatever the working directory is.
outlook_root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)

outlook_say() {
	printf '%s\n' "$*" >&2
}

outlook_die() {
	outlook_say "${0##*/}: $*"
	exit 1
}

outlook_as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null && [ -t 2 ] && [ "${outlook_asks:-yes}" = yes ]; then
		sudo -- "$@"
	elif command -v sudo >/dev/null; then
		sudo -n -- "$@"
	else
		outlook_say "This needs root or sudo: $*"
		return 1
	fi
}

# outlook_install GROUP…: what of tools/lib/packages is missing on this machine.
outlook_install() {
	local group package missing=()

	if ! command -v dpkg-query >/dev/null; then
		outlook_say "Not a Debian system: the packages of tools/lib/packages are taken as installed."
		return 0
	fi
	while read -r group package; do
		case " $* " in
		*" $group "*) ;;
		*) continue ;;
		esac
		# shellcheck disable=SC2016
		if [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | cut -c2)" != i ]; then
			missing+=("$package")
		fi
	done < <(grep -v '^#' "$outlook_root/tools/lib/packages")
	[ "${#missing[@]}" -gt 0 ] || return 0

	outlook_say "Installing: ${missing[*]}"
	local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
	local install=("${apt[@]}" install -y --no-install-recommends "${missing[@]}")
	# A new machine has no lists yet; those of an old one name versions that are gone.
	if compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
		outlook_as_root "${install[@]}" </dev/null >&2 && return 0
	fi
	if ! outlook_as_root "${apt[@]}" update </dev/null >&2 || ! outlook_as_root "${install[@]}" </dev/null >&2; then
		outlook_die "these packages could not be installed: ${missing[*]}"
	fi
}

# Where the tree is built: OUTLOOK_BUILD_DIR, else _build in the tree, else (a tree that cannot be written
# to) a directory of its own in the cache.
outlook_build_dir() {
	if [ -n "${OUTLOOK_BUILD_DIR:-}" ]; then
		printf '%s\n' "$OUTLOOK_BUILD_DIR"
	elif [ -w "$outlook_root" ]; then
		printf '%s\n' "$outlook_root/_build"
	else
		printf '%s/outlook-accounts/build-%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}" \
			"$(printf '%s' "$outlook_root" | cksum | cut -d' ' -f1)"
	fi
}

# outlook_build DIR [MESON OPTION…]: configures it if need be, and builds; one at a time.
outlook_build() {
	local dir=$1 log
	shift

	mkdir -p -- "$dir" || return 1
	log=$dir/build.log
	(
		flock 9
		# A tree that was moved or copied has to be configured anew.
		if [ -f "$dir/build.ninja" ] && [ "$(cat "$dir/source-root" 2>/dev/null)" != "$outlook_root" ]; then
			find "$dir" -mindepth 1 -maxdepth 1 ! -name build.lock -exec rm -rf -- {} +
		fi
		if [ ! -f "$dir/build.ninja" ]; then
			if ! meson setup "$@" "$dir" "$outlook_root" >"$log" 2>&1; then
				tail -n 60 "$log" >&2
				exit 1
			fi
			printf '%s\n' "$outlook_root" >"$dir/source-root"
		fi
		if ! ninja -C "$dir" >"$log" 2>&1; then
			grep -E -A12 '^FAILED|error:|warning:' "$log" | tail -n 80 >&2
			exit 1
		fi
	) 9>"$dir/build.lock" || {
		outlook_say "The build in $dir failed; its log is $log."
		return 1
	}
}
