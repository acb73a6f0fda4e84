/** A line and the lines that hang below it. */
export interface Branch {
  readonly text: string
  readonly branches: readonly Branch[]
}

/** Branches as lines, drawn as Podman draws them; the first line stands alone. */
export function treeText({ text, branches }: Branch): string {
  return `${text}\n${below(branches, '')}`
}

function below(branches: readonly Branch[], indent: string): string {
  return branches
    .map(({ text, branches: inner }, at) => {
      const isLast = at === branches.length - 1
      return `${indent}${isLast ? '└── ' : '├── '}${text}\n${below(inner, indent + (isLast ? '    ' : '│   '))}`
    })
    .join('')
}
