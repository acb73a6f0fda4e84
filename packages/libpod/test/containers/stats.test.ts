import test from 'ava'
import { parseInterfaces } from '../../src/containers/stats.ts'

test('traffic by interface, the loopback left out', t => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
  eth0:    1220      14    1    2    0     0          0         0      558       7    3    4    0     0       0          0
`
  const received = { rxBytes: 1220, rxPackets: 14, rxErrors: 1, rxDropped: 2 }
  t.deepEqual(parseInterfaces(text), { eth0: { ...received, txBytes: 558, txPackets: 7, txErrors: 3, txDropped: 4 } })
})
