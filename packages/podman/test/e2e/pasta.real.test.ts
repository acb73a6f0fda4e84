import test from 'ava'
import { busybox, openRootlessWithBusybox } from './rootless.ts'

// Old versions of pasta do not tell that the other side has closed: nobody waits for that here.
const steps = (podman: string): string => `set -e
podman() { ${podman} "$@"; }
busybox nc -l -p 19999 -e echo greeting &
serve='mkdir /srv; echo served > /srv/word; exec httpd -f -p 80 -h /srv'
podman run --detach --name web --network pasta:--map-gw --publish 18180:80 --stop-timeout 0 \\
  ${busybox} sh -c "$serve" >/dev/null 2>$HOME/error || cat $HOME/error
podman exec web sh -c 'ip -o addr show eth0 | grep -c 10.255.9.2/24; head -1 /etc/resolv.conf; timeout 5 nc 10.255.9.1 19999 </dev/null | head -1'
until curl --silent --fail --max-time 5 http://127.0.0.1:18180/word; do sleep 0.1; done
podman rm --force --time 0 web
while curl --silent --max-time 5 http://127.0.0.1:18180/word; do sleep 0.1; done
ls $XDG_RUNTIME_DIR/netns`

test('pasta in a user namespace: the host’s address and loopback, its own name server first, and a published port', async t => {
  const { user, argv } = await openRootlessWithBusybox(t)
  const { code, stdout, stderr } = await user.run(['sh', '-c', steps(argv.join(' '))], { timeout: 120_000 })
  t.is(code, 0, stderr)
  t.is(stdout, '1\nnameserver 169.254.1.1\ngreeting\nserved\nweb\n')
})
