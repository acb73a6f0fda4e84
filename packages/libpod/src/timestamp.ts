/** RFC 3339 as Go writes it: no zeros at the end of the fraction. A text keeps its precision and its zone. */
export const timestamp = (time: Date | string = new Date()): string =>
  (typeof time === 'string' ? time : time.toISOString()).replace(/\.(\d*?)0+(?=\D*$|[-+])/, (_, digits: string) =>
    digits === '' ? '' : `.${digits}`,
  )
