/** Words that exclude each other. */
const alternatives = [
  ['rw', 'ro'],
  ['shared', 'slave', 'private', 'unbindable', 'rshared', 'rslave', 'rprivate', 'runbindable'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['bind', 'rbind'],
  ['tmpcopyup', 'notmpcopyup'],
]

/** The options of a mount that were asked for, and of the `usual` those beside which nothing else was. */
export function withUsual(asked: readonly string[], usual: readonly string[]): readonly string[] {
  const isSaid = (word: string) =>
    asked.some(other => alternatives.some(group => group.includes(word) && group.includes(other)))
  return [...asked, ...usual.filter(word => !isSaid(word))]
}
