import { defineGroup } from '../../../cli/command.ts'

export const group = defineGroup({
  summary: 'Manage container image trust policy',
  description:
    'Manages which registries you trust as a source of container images based on their location.\n  The location is determined by the transport and the registry host of the image.  Using this container image docker://quay.io/podman/stable as an example, docker is the transport and quay.io is the registry host.',
})
