/** A parameter of an address that is a number, of that many digits at most; undefined: it is absent, or none. */
export const numberOf = (value: unknown, digits = 15): number | undefined =>
  typeof value === 'string' && value.length <= digits && /^\d+$/.test(value)
    ? Number(value)
    : undefined
