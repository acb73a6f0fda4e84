import { integer, listOf, mapOf, oneOf, type Read, scalar, shape, text, truth } from './read.ts'

// The parts of the Kubernetes API that Podman knows (podman-kube-play(1)); what else a document has is passed over.

const metadata = shape({
  name: text,
  namespace: text,
  uid: text,
  labels: mapOf(text),
  annotations: mapOf(text),
})

const keyRef = shape({ name: text, key: text, optional: truth })

const envVar = shape({
  name: text,
  value: text,
  valueFrom: shape({
    configMapKeyRef: keyRef,
    secretKeyRef: keyRef,
    fieldRef: shape({ fieldPath: text }),
    resourceFieldRef: shape({ containerName: text, resource: text, divisor: scalar }),
  }),
})

const sourceRef = shape({ name: text, optional: truth })

const seccompProfile = shape({
  type: oneOf('Unconfined', 'RuntimeDefault', 'Localhost'),
  localhostProfile: text,
})

const seLinuxOptions = shape({ user: text, role: text, type: text, level: text, filetype: text })

const securityContext = shape({
  privileged: truth,
  runAsUser: integer,
  runAsGroup: integer,
  readOnlyRootFilesystem: truth,
  allowPrivilegeEscalation: truth,
  procMount: oneOf('Default', 'Unmasked'),
  capabilities: shape({ add: listOf(text), drop: listOf(text) }),
  seLinuxOptions,
  seccompProfile,
})

const probe = shape({
  exec: shape({ command: listOf(text) }),
  httpGet: shape({ host: text, path: text, port: scalar, scheme: oneOf('HTTP', 'HTTPS') }),
  tcpSocket: shape({ host: text, port: scalar }),
  initialDelaySeconds: integer,
  periodSeconds: integer,
  timeoutSeconds: integer,
  failureThreshold: integer,
  successThreshold: integer,
})

const container = shape({
  name: text,
  image: text,
  imagePullPolicy: text,
  command: listOf(text),
  args: listOf(text),
  workingDir: text,
  stdin: truth,
  tty: truth,
  env: listOf(envVar),
  envFrom: listOf(shape({ prefix: text, configMapRef: sourceRef, secretRef: sourceRef })),
  ports: listOf(
    shape({
      name: text,
      containerPort: integer,
      hostPort: integer,
      hostIP: text,
      protocol: oneOf('TCP', 'UDP', 'SCTP'),
    }),
  ),
  resources: shape({ limits: mapOf(scalar), requests: mapOf(scalar) }),
  securityContext,
  volumeMounts: listOf(
    shape({
      name: text,
      mountPath: text,
      subPath: text,
      readOnly: truth,
      mountPropagation: oneOf('None', 'HostToContainer', 'Bidirectional'),
    }),
  ),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  lifecycle: shape({ stopSignal: text }),
})

const items = listOf(shape({ key: text, path: text, mode: integer }))

const volume = shape({
  name: text,
  hostPath: shape({
    path: text,
    type: oneOf('', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket', 'CharDevice', 'BlockDevice'),
  }),
  emptyDir: shape({ medium: oneOf('', 'Memory'), sizeLimit: scalar }),
  persistentVolumeClaim: shape({ claimName: text, readOnly: truth }),
  configMap: shape({ name: text, optional: truth, defaultMode: integer, items }),
  secret: shape({ secretName: text, optional: truth, defaultMode: integer, items }),
  image: shape({ reference: text, pullPolicy: text }),
})

const podSpec = shape({
  containers: listOf(container),
  initContainers: listOf(container),
  volumes: listOf(volume),
  restartPolicy: oneOf('Always', 'OnFailure', 'Never'),
  terminationGracePeriodSeconds: integer,
  hostname: text,
  hostNetwork: truth,
  hostUsers: truth,
  hostPID: truth,
  hostIPC: truth,
  shareProcessNamespace: truth,
  hostAliases: listOf(shape({ ip: text, hostnames: listOf(text) })),
  dnsConfig: shape({
    nameservers: listOf(text),
    searches: listOf(text),
    options: listOf(shape({ name: text, value: scalar })),
  }),
  securityContext: shape({
    runAsUser: integer,
    runAsGroup: integer,
    fsGroup: integer,
    supplementalGroups: listOf(integer),
    sysctls: listOf(shape({ name: text, value: scalar })),
    seLinuxOptions,
    seccompProfile,
  }),
})

const template = shape({ metadata, spec: podSpec })

/** One reader per kind that Podman plays. */
export const readers = {
  Pod: template,
  Deployment: shape({ metadata, spec: shape({ replicas: integer, template }) }),
  DaemonSet: shape({ metadata, spec: shape({ template }) }),
  Job: shape({ metadata, spec: shape({ template }) }),
  PersistentVolumeClaim: shape({ metadata }),
  ConfigMap: shape({ metadata, data: mapOf(text), binaryData: mapOf(text) }),
  Secret: shape({ metadata, immutable: truth, data: mapOf(text), stringData: mapOf(text) }),
}

export type Kind = keyof typeof readers

/** A document of one of the kinds. */
export type KubeObject = { readonly [K in Kind]: { readonly kind: K } & Read<(typeof readers)[K]> }[Kind]

export type KubeTemplate = Read<typeof template>
export type KubePodSpec = Read<typeof podSpec>
export type KubeContainer = Read<typeof container>
export type KubeVolume = Read<typeof volume>
export type KubeEnvVar = Read<typeof envVar>
export type KubeProbe = Read<typeof probe>
export type KubeConfigMap = Extract<KubeObject, { readonly kind: 'ConfigMap' }>
export type KubeSecret = Extract<KubeObject, { readonly kind: 'Secret' }>
export type KubeClaim = Extract<KubeObject, { readonly kind: 'PersistentVolumeClaim' }>
