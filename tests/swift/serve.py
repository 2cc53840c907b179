#!/usr/bin/env python3
"""OpenStack Swift with its s3api on loopback: a real object store that checks signatures, in a folder and without root.

usage: serve.py FOLDER [conditional]

Makes everything in FOLDER, prints the address, a key, its secret, the region and a bucket's name on one line each, and stops everything when
its standard input ends. `conditional` adds conditional writes, which s3api lacks (conditional.py). Exits with 77 where one of Swift's Debian packages is missing: swift-proxy swift-account swift-container swift-object memcached."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

# Debian's packages are for Debian's python, which need not be the one that runs this.
PYTHON = "/usr/bin/python3"
PROGRAMS = ["swift-proxy-server", "swift-account-server", "swift-container-server", "swift-object-server", "memcached"]
MAKE_RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, *ports = sys.argv[1:]
for name, port in zip(("account", "container", "object"), ports):
    ring = RingBuilder(4, 1, 0)
    ring.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": int(port), "device": "d"})
    ring.rebalance()
    ring.get_ring().save(f"{folder}/{name}.ring.gz")
"""
KEY, SECRET, REGION, BUCKET = "test:tester", "swift-testing-secret", "eu-central-1", "swift-bucket"


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def configure(folder, ports, user, is_conditional):
    """The command lines of all servers."""
    proxy, account, container, obj, memcached = ports
    common = f"bind_ip = 127.0.0.1\nswift_dir = {folder}\nuser = {user}\nworkers = 0\nlog_level = ERROR\n"
    write(folder / "swift.conf", "[swift-hash]\nswift_hash_path_suffix = chimplift\n[storage-policy:0]\nname = one\ndefault = yes\n")
    subprocess.run([PYTHON, "-c", MAKE_RINGS, folder, str(account), str(container), str(obj)], check=True)
    (folder / "devices" / "d").mkdir(parents=True)
    commands = [["memcached", "-l", "127.0.0.1", "-p", str(memcached), "-U", "0", "-u", user]]
    for name, port in (("account", account), ("container", container), ("object", obj)):
        conf = write(folder / f"{name}.conf",
                     f"[DEFAULT]\n{common}bind_port = {port}\ndevices = {folder}/devices\nmount_check = false\n"
                     f"[pipeline:main]\npipeline = {name}-server\n[app:{name}-server]\nuse = egg:swift#{name}\n")
        commands.append([PYTHON, f"/usr/bin/swift-{name}-server", conf])
    s3api = "let_through s3api if_match" if is_conditional else "s3api"
    conf = write(folder / "proxy.conf",
                 f"[DEFAULT]\n{common}bind_port = {proxy}\n"
                 f"[pipeline:main]\npipeline = catch_errors cache {s3api} tempauth proxy-server\n"
                 "[filter:let_through]\npaste.filter_factory = conditional:let_through\n"
                 "[filter:if_match]\npaste.filter_factory = conditional:if_match\n"
                 f"[app:proxy-server]\nuse = egg:swift#proxy\nallow_account_management = true\naccount_autocreate = true\n"
                 f"[filter:catch_errors]\nuse = egg:swift#catch_errors\n"
                 f"[filter:cache]\nuse = egg:swift#memcache\nmemcache_servers = 127.0.0.1:{memcached}\n"
                 f"[filter:s3api]\nuse = egg:swift#s3api\nlocation = {REGION}\ns3_acl = false\n"
                 f"[filter:tempauth]\nuse = egg:swift#tempauth\nuser_{KEY.replace(':', '_')} = {SECRET} .admin\n")
    commands.append([PYTHON, "/usr/bin/swift-proxy-server", conf])
    return commands


def wait_for(port, processes):
    for _ in range(600):
        if any(process.poll() is not None for process in processes):
            sys.exit("one of Swift's servers did not start; see servers.log")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("Swift did not listen within a minute")


def main():
    if not all(shutil.which(program, path="/usr/bin:/usr/sbin") for program in PROGRAMS):
        sys.exit(77)
    folder = Path(sys.argv[1]).resolve()
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    ports = free_ports(5)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONWARNINGS": "ignore",
                   "PYTHONPATH": str(Path(__file__).resolve().parent), "PYTHONDONTWRITEBYTECODE": "1"}
    processes = []
    with open(folder / "servers.log", "w", encoding="utf-8") as log:
        # Whatever happens to this process: the servers end with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            for command in configure(folder, ports, user, sys.argv[2:] == ["conditional"]):
                processes.append(subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment, cwd=folder))
            for port in ports:
                wait_for(port, processes)
            print(f"http://127.0.0.1:{ports[0]}\n{KEY}\n{SECRET}\n{REGION}\n{BUCKET}", flush=True)
            sys.stdin.read()
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()


if __name__ == "__main__":
    main()
