/** Reactions that mean a plain Like (without variation selectors). */
export const likeKeys: ReadonlySet<string> = new Set(['👍', '❤', '⭐', '♥'])

/** Reactions that publish a held message (without variation selectors). */
export const publishKeys: ReadonlySet<string> = new Set(['✅', '✔'])

/** Reactions that decline what somebody asks for (without variation selectors). */
export const declineKeys: ReadonlySet<string> = new Set(['❌', '✖'])
