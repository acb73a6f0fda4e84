export { type BundleOptions, busyboxBundle } from './bundle.ts'
export { busyboxRootfs, busyboxTar } from './busybox.ts'
export { type Authority, type Certificate, makeAuthority } from './certificates.ts'
export { anonymous } from './differential/anonymous.ts'
export { differences } from './differential/differences.ts'
export { normalize } from './differential/normalize.ts'
export { type PeerSpecs, peerSpecs, type SpecCase, type SpecOutcome, specImage } from './differential/peer-specs.ts'
export { type FixtureName, fixtureNames } from './fixtures.ts'
export { type HostCanary, hostCanary } from './host-canary.ts'
export {
  type Behaviour,
  type HostileServer,
  hostileServer,
  type SeenRequest,
  type ServerTls,
} from './hostile-server.ts'
export { type NamedHosts, namedHosts } from './named-hosts.ts'
export { type PeerOptions, type PeerPodman, peerPodman } from './peer-podman.ts'
export { type PlainUser, type PlainUserOptions, plainUser } from './plain-user.ts'
export { freePort } from './ports.ts'
export { type PrivateJournal, privateJournal } from './private-journal.ts'
export { type Outcome, output, plainEnvironment, type RunOptions, run } from './programs.ts'
export { type Registry, type RegistryOptions, startRegistry } from './registry.ts'
export { mountsBelow, processesAbout, removeDirectory, type Teardown, tempDir } from './temp-dir.ts'
