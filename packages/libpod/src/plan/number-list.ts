/** The numbers of a list such as `0-2,7` (cpuset(7), "List format"); undefined when it is none. */
export function listedNumbers(text: string): readonly number[] | undefined {
  const ranges = text.split(',').map(part => /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()))
  const lists = ranges.map(range => {
    const [first, last] = [Number(range?.[1]), Number(range?.[2] ?? range?.[1])]
    return range && first <= last ? Array.from({ length: last - first + 1 }, (_, at) => first + at) : undefined
  })
  return lists.every(list => list !== undefined) ? lists.flat() : undefined
}
