import type { Engine } from '@libpod/libpod'
import { codeOf, ExitStatus, engineFailed, wording } from '../exit-codes.ts'
import type { ContainerFacts, PodFacts } from './wishes.ts'

export type Subject =
  | { readonly kind: 'container'; readonly facts: ContainerFacts }
  | { readonly kind: 'pod'; readonly facts: PodFacts }

/** What is known of the container, else the pod, of this name. @throws ExitStatus when there is neither */
export async function subjectOf(engine: Engine, name: string): Promise<Subject> {
  try {
    return { kind: 'container', facts: await containerFacts(engine, name) }
  } catch (error) {
    if (codeOf(error) !== 'CONTAINER_UNKNOWN') throw error
    const pod = await podFacts(engine, name).catch((second: unknown) => {
      if (codeOf(second) !== 'POD_UNKNOWN') throw second
      const text = `${name} does not refer to a container or pod: ${wording(second)}: ${wording(error)}`
      throw new ExitStatus(engineFailed, text)
    })
    return { kind: 'pod', facts: pod }
  }
}

async function containerFacts({ containers, options }: Engine, name: string): Promise<ContainerFacts> {
  const { Id, Name, Config, ConmonPidFile, HostConfig, Dependencies } = await containers.inspect(name)
  const config = Config as {
    readonly CreateCommand: readonly string[] | null
    readonly StopTimeout: number
    readonly Env: readonly string[]
  }
  return {
    id: Id,
    name: Name,
    createCommand: config.CreateCommand ?? undefined,
    stopTimeout: config.StopTimeout,
    env: config.Env,
    pidFile: String(ConmonPidFile),
    restartPolicy: (HostConfig as { readonly RestartPolicy: { readonly Name: string } }).RestartPolicy.Name,
    dependencies: Dependencies as readonly string[],
    runRoot: options.runRoot,
  }
}

/** Seconds. An infra container needs none, but the pod that stops with it does. */
const usualStopTimeout = 10

async function podFacts(engine: Engine, name: string): Promise<PodFacts> {
  const { Id, Name, CreateCommand, InfraContainerID, Containers = [] } = await engine.pods.inspect(name)
  const members = Containers as readonly { readonly Id: string }[]
  const all = await Promise.all(members.map(member => containerFacts(engine, member.Id)))
  const infra = all.find(({ id }) => id === InfraContainerID)
  return {
    id: String(Id),
    name: String(Name),
    createCommand: CreateCommand as readonly string[] | undefined,
    infra: infra && { ...infra, stopTimeout: infra.stopTimeout || usualStopTimeout },
    containers: all.filter(({ id }) => id !== InfraContainerID).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  }
}
