import { peerPodman } from '@libpod/test-kit'
import test from 'ava'
import { podman } from './program.ts'

/** Command lines that both refuse before they look at any container: the same words, the same status. */
const refused = [
  'run',
  'run --memory',
  'run --cpus x busybox',
  'run --dns foo busybox',
  'run --dns none,1.1.1.1 busybox',
  'run --add-host foo busybox',
  'run --add-host foo:bar busybox',
  'run -p x busybox',
  'run -p 1-2:3-5 busybox',
  'run -p 80:80:80:80:80 busybox',
  'run -p 0:80 busybox',
  'run --ip foo busybox',
  'run --mac-address foo busybox',
  'run --userns host --uidmap 0:1:2 busybox',
  'run --pull foo busybox',
  'run --platform a --os b busybox',
  'run --group-add keep-groups,foo busybox',
  'run --rootfs',
  'run --pids-limit x busybox',
  'run --timeout x busybox',
  'run --nonsense busybox',
  'run -Z busybox',
  'start',
  'start -a x y',
  'start --sig-proxy x',
  'stop -a -l',
  'stop -l x',
  'stop -a x',
  'stop --cidfile /nonexistent',
  'kill',
  'kill -s FOO x',
  'kill --signal',
  'ps extra',
  'ps --last=x',
  'ps --all=maybe',
  'ps -n',
  'ps --sort foo',
  'ps -q --size',
  'ps --ns --size',
  'ps -n 1 -l',
  'logs',
  'port',
  'port -a x',
  'port x y z',
  'top',
  'wait',
  'wait --condition foo x',
  'rename a',
  'attach',
  'container prune foo',
  'container cleanup',
  'commit',
  'export',
  'mount --format foo',
  'healthcheck run',
  'rm',
  'restart',
  'pause',
  'init',
  'container foo',
]

test('refusals have the words and the status of the installed Podman', async t => {
  const peer = await peerPodman(t)
  for (const line of refused) {
    const words = line.split(' ')
    const theirs = await peer.run(words)
    const ours = podman('source', ...words)
    t.deepEqual({ line, status: ours.status, err: ours.err }, { line, status: theirs.code, err: theirs.stderr })
  }
})
