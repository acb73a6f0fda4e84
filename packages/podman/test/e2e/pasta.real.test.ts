import { chmod, chown, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { busyboxTar, plainEnvironment, run, tempDir } from '@libpod/test-kit'
import test from 'ava'

const repository = fileURLToPath(new URL('../../../..', import.meta.url))
const first = 100_000

/** A host with one link, of which this test sees everything and nobody else anything. */
const host = `set -e
mount --bind "$1" repository; mount --bind "$2" node; mount --bind tun /dev/net/tun
mount -t tmpfs tmpfs /var/cache; chmod 777 /var/cache
ip link set lo up
ip link add eth0 type veth peer name other; ip link set other up; ip link set eth0 up
ip addr add 10.255.9.2/24 dev eth0; ip route add default via 10.255.9.1
exec python3 enter.py`

/** Becomes root of a new user namespace: unshare(1) asks newuidmap, who allows nobody such ranges. */
const enter = `import ctypes,os
libc=ctypes.CDLL(None); ready,told=os.pipe(); go,mapped=os.pipe(); pid=os.fork()
if pid==0:
  if libc.unshare(0x10020000)!=0: os._exit(9)
  os.write(told,b'x'); os.read(go,1); os.setgroups([]); os.setresgid(0,0,0); os.setresuid(0,0,0)
  os.execvp('sh',['sh','inside.sh'])
os.read(ready,1)
for kind in 'uid','gid': open(f'/proc/{pid}/{kind}_map','w').write('0 ${first} 65536')
os.write(mapped,b'x'); os._exit(os.waitstatus_to_exitcode(os.waitpid(pid,0)[1]))`

// Old versions of pasta do not tell that the other side has closed: nobody waits for that here.
const inside = `set -e
mount -t tmpfs tmpfs /run; mkdir -p /run/netns
at=$PWD/inner
mkdir -m 700 /run/login
export XDG_RUNTIME_DIR=/run/login _CONTAINERS_USERNS_CONFIGURED=done _CONTAINERS_ROOTLESS_UID=${first} _CONTAINERS_ROOTLESS_GID=${first}
podman() {
  ./node --disable-warning=ExperimentalWarning repository/packages/podman/dist/podman.js --root $at/root --runroot $at/run \\
    --tmpdir $at/tmp --network-config-dir $at/cni --events-backend file --cgroup-manager cgroupfs "$@"
}
podman import --quiet --change 'ENV PATH=/bin' busybox.tar bb >/dev/null
busybox nc -l -p 19999 -e echo greeting &
serve='mkdir /srv; echo served > /srv/word; exec httpd -f -p 80 -h /srv'
podman run --detach --name web --network pasta:--map-gw --publish 18180:80 --stop-timeout 0 \\
  bb sh -c "$serve" >/dev/null 2>$at/error || cat $at/error
podman exec web sh -c 'ip -o addr show eth0 | grep -c 10.255.9.2/24; head -1 /etc/resolv.conf; timeout 5 nc 10.255.9.1 19999 </dev/null | head -1'
until curl --silent --fail --max-time 5 http://127.0.0.1:18180/word; do sleep 0.1; done
podman rm --force --time 0 web
while curl --silent --max-time 5 http://127.0.0.1:18180/word; do sleep 0.1; done
ls /run/netns`

test('pasta in a user namespace: the host’s address and loopback, its own name server first, and a published port', async t => {
  t.timeout(120_000)
  const directory = await tempDir(t, 'pasta')
  const at = (name: string): string => join(directory, name)
  await chmod(directory, 0o755)
  await busyboxTar(directory)
  for (const name of ['repository', 'inner']) await mkdir(at(name))
  await chown(at('inner'), first, first)
  await run('mknod', [at('tun'), 'c', '10', '200'])
  await chown(at('tun'), first, first)
  await writeFile(at('node'), '')
  await writeFile(at('enter.py'), enter)
  await writeFile(at('inside.sh'), inside)
  const options = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private']
  const words = ['sh', '-c', host, 'host', repository, process.execPath]
  const env = { ...plainEnvironment, HOME: at('inner') }
  const { code, stdout, stderr } = await run('unshare', [...options, '--', ...words], { cwd: directory, env })
  t.is(code, 0, stderr)
  t.is(stdout, '1\nnameserver 169.254.1.1\ngreeting\nserved\nweb\n')
})
