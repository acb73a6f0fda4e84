import { UsageError } from './usage-error.ts'

/** How many arguments a command takes, checked before it runs. */
export type ArgumentRule =
  | { readonly kind: 'none' }
  | { readonly kind: 'any' }
  | { readonly kind: 'exactly'; readonly count: number }
  | { readonly kind: 'at-least'; readonly count: number }
  | { readonly kind: 'at-most'; readonly count: number }
  | { readonly kind: 'between'; readonly least: number; readonly most: number }

export const noArguments: ArgumentRule = { kind: 'none' }
export const anyArguments: ArgumentRule = { kind: 'any' }
export const exactly = (count: number): ArgumentRule => ({ kind: 'exactly', count })
export const atLeast = (count: number): ArgumentRule => ({ kind: 'at-least', count })
export const atMost = (count: number): ArgumentRule => ({ kind: 'at-most', count })
export const between = (least: number, most: number): ArgumentRule => ({ kind: 'between', least, most })

/** Throws UsageError when `args` breaks the rule; `path` is the command as typed, such as `podman pod ps`. */
export function checkArguments(rule: ArgumentRule, args: readonly string[], path: string): void {
  const problem = problemOf(rule, args.length, path)
  if (problem) throw new UsageError(problem)
}

function problemOf(rule: ArgumentRule, got: number, path: string): string | undefined {
  switch (rule.kind) {
    case 'any':
      return undefined
    case 'none':
      return got > 0 ? `\`${path}\` takes no arguments` : undefined
    case 'exactly':
      return got !== rule.count ? `accepts ${rule.count} arg(s), received ${got}` : undefined
    case 'at-least':
      return got < rule.count ? `requires at least ${rule.count} arg(s), only received ${got}` : undefined
    case 'at-most':
      return got > rule.count ? `accepts at most ${rule.count} arg(s), received ${got}` : undefined
    case 'between':
      return got < rule.least || got > rule.most
        ? `accepts between ${rule.least} and ${rule.most} arg(s), received ${got}`
        : undefined
  }
}
