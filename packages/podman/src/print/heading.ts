/** The words of a field's name in upper case: `CreatedAt` is `CREATED AT`, `ImageID` is `IMAGE ID`. */
export const heading = (field: string): string =>
  (field.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\d+|[^\p{L}\d]+/gu) ?? []).join(' ').toUpperCase()
