/** Several messages as one, a single one as it is. */
export const severalErrors = ([first = '', ...more]: readonly string[]): string =>
  more.length === 0
    ? first
    : `${more.length + 1} errors occurred:\n${[first, ...more].map(text => `\t* ${text}`).join('\n')}`
