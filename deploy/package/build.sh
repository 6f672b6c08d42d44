#!/usr/bin/env bash
# Makes what is shipped from a built binary: a tarball, a Debian package and an image, all of one staged tree.
#
#   deploy/package/build.sh BINARY OUT [tarball|deb|image]…
#
# The same binary and the same SOURCE_DATE_EPOCH give the same tarball and package, byte by byte.
set -euo pipefail
cd "$(dirname "$0")/../.."

binary=$1 out=$2
shift 2
[[ $# -gt 0 ]] || set -- tarball deb image
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
case $(uname -m) in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    *) echo "no package for $(uname -m)" >&2 && exit 2 ;;
esac
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
stamp=(--mtime="@$SOURCE_DATE_EPOCH" --sort=name --owner=0 --group=0 --numeric-owner --format=ustar)
mkdir -p "$out"
out=$(cd "$out" && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
umask 022

# The tree of the Debian package; the other two take from it.
root=$stage/root
install -D -m 0755 "$binary" "$root/usr/bin/portcullis"
install -D -m 0644 -t "$root/usr/lib/systemd/system" deploy/systemd/portcullis.service deploy/systemd/portcullis.socket
install -D -m 0644 deploy/package/sysusers.conf "$root/usr/lib/sysusers.d/portcullis.conf"
install -D -m 0644 deploy/package/tmpfiles.conf "$root/usr/lib/tmpfiles.d/portcullis.conf"
install -D -m 0644 deploy/package/policy.yaml "$root/usr/share/portcullis/policy.example.yaml"
install -D -m 0644 -t "$root/usr/share/portcullis" policies/schema.json policies/sp-api.yaml
install -d -m 0755 "$root/etc/portcullis" "$root/etc/portcullis/policy"
install -d -m 0700 "$root/etc/portcullis/keys"
install -D -m 0644 -t "$root/usr/share/doc/portcullis" README.md docs/*.md
install -D -m 0644 deploy/package/copyright "$root/usr/share/doc/portcullis/copyright"
gzip -9n <CHANGELOG.md >"$root/usr/share/doc/portcullis/changelog.gz"
chmod 0644 "$root/usr/share/doc/portcullis/changelog.gz"

tarball() {
    local name=portcullis-$version-linux-$arch
    mkdir -p "$stage/tar/$name"
    cp -a "$root/usr/bin/portcullis" LICENSE README.md CHANGELOG.md "$stage/tar/$name"
    cp -a docs deploy/systemd policies "$stage/tar/$name"
    tar -C "$stage/tar" "${stamp[@]}" -cf - "$name" | gzip -9n >"$out/$name.tar.gz"
    echo "$out/$name.tar.gz"
}

deb() {
    local package=$out/portcullis_${version}_$arch.deb size
    install -d -m 0755 "$root/DEBIAN"
    size=$(du -sk --exclude=DEBIAN "$root" | cut -f1)
    sed -e "s/@VERSION@/$version/; s/@ARCH@/$arch/; s/@SIZE@/$size/" deploy/package/control >"$root/DEBIAN/control"
    install -m 0755 -t "$root/DEBIAN" deploy/package/postinst deploy/package/prerm deploy/package/postrm
    (cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
    chmod 0644 "$root/DEBIAN/control" "$root/DEBIAN/md5sums"
    dpkg-deb --root-owner-group -Zgzip --build "$root" "$package" >/dev/null
    echo "$package"
}

# From nothing: the binary, who it runs as, and where authorities of the internet are. No shell, no package manager.
image() {
    local archive=$out/portcullis-$version-$arch.oci.tar container mount tree
    # Without rights to make namespaces or overlays, as in most CI.
    export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
    tree=$stage/image
    install -D -m 0755 "$binary" "$tree/portcullis"
    install -d -m 0755 "$tree/etc/portcullis"
    # Where the gate writes: owned by its user, to be mounted over.
    install -d -m 0750 "$tree/var" "$tree/var/lib" "$tree/var/lib/portcullis" "$tree/run" "$tree/run/portcullis"
    chmod 0755 "$tree/var" "$tree/var/lib" "$tree/run"
    printf 'portcullis:x:65532:65532::/:/portcullis\n' >"$tree/etc/passwd"
    printf 'portcullis:x:65532:\n' >"$tree/etc/group"
    printf 'hosts: files dns\n' >"$tree/etc/nsswitch.conf"
    install -D -m 0644 LICENSE "$tree/LICENSE"
    if [[ -r /etc/ssl/certs/ca-certificates.crt ]]; then
        install -D -m 0644 /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/ca-certificates.crt"
    fi
    find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    # A tar keeps owners that this user may not give.
    tar -C "$tree" "${stamp[@]}" -cf "$stage/most.tar" --exclude=./var/lib/portcullis --exclude=./run/portcullis .
    tar -C "$tree" --mtime="@$SOURCE_DATE_EPOCH" --sort=name --owner=65532 --group=65532 --numeric-owner --format=ustar \
        -cf "$stage/own.tar" ./var/lib/portcullis ./run/portcullis
    container=$(buildah from scratch)
    buildah add --quiet "$container" "$stage/most.tar" / >/dev/null
    buildah add --quiet "$container" "$stage/own.tar" / >/dev/null
    buildah config --user 65532:65532 --entrypoint '["/portcullis"]' --cmd 'run --policy /etc/portcullis' \
        --port 8443/tcp --workingdir / --stop-signal SIGTERM \
        --label org.opencontainers.image.title=portcullis \
        --label org.opencontainers.image.version="$version" \
        --label org.opencontainers.image.licenses=Apache-2.0 "$container"
    rm -f "$archive"
    buildah commit --quiet --timestamp "$SOURCE_DATE_EPOCH" --rm "$container" "oci-archive:$archive:portcullis:$version" \
        >/dev/null
    echo "$archive"
}

for what in "$@"; do
    "$what"
done
