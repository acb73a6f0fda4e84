import { stringify } from 'yaml'

const header = (version: string): string => `# Save the output of this file and use kubectl create -f to import
# it into Kubernetes.
#
# Created with podman-${version}
`

/** Documents as Podman writes them: by the alphabet, and read alike by older readers of YAML. */
export function textOf(documents: readonly unknown[], version: string): string {
  const texts = documents.map(document =>
    stringify(document, {
      sortMapEntries: true,
      indentSeq: false,
      lineWidth: 0,
      aliasDuplicateObjects: false,
      compat: 'yaml-1.1',
    }),
  )
  return `${header(version)}${texts.join('---\n')}`
}
