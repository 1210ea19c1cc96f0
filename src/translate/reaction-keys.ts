/** Clients send the same emoji with and without the variation selector. */
export const normalizeReaction = (key: string): string => key.replaceAll('\u{FE0F}', '').trim()

/** Reactions that mean a Like (normalised). */
export const likeKeys: ReadonlySet<string> = new Set(['👍', '❤', '⭐', '♥'])

/** Reactions that publish a held message (normalised). */
export const publishKeys: ReadonlySet<string> = new Set(['✅', '✔'])
