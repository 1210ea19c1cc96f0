/** A database file, looked at from outside of the process that uses it. */
export type DatabaseState =
  /** `bytes` of the file. */
  | { readonly state: 'sound'; readonly bytes: number }
  /** There is none yet. */
  | { readonly state: 'absent' }
  | { readonly state: 'in-use' }
  | { readonly state: 'damaged'; readonly reason: string }
  | { readonly state: 'newer'; readonly migration: string }
  | { readonly state: 'unreadable'; readonly reason: string }
