import test from 'ava'
import { ownProcesses } from '../../src/host/cgroup-moves.ts'

test('the processes of our own cgroup are listed where the host mounts that hierarchy', t => {
  t.is(ownProcesses('0::/user.slice/a\n'), '/sys/fs/cgroup/user.slice/a/cgroup.procs')
  t.is(ownProcesses('3:cpuset:/\n1:name=systemd:/a\n0::/\n'), '/sys/fs/cgroup/unified/cgroup.procs')
  t.is(ownProcesses('2:pids:/b\n1:name=systemd:/a\n'), '/sys/fs/cgroup/systemd/a/cgroup.procs')
})
