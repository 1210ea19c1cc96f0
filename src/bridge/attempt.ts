/** What an effect may depend on besides its own data. */
export type Attempt = {
  /** An earlier run of the same job may have got halfway: what it sent is looked for before it is sent again. */
  readonly isRepeated: boolean
}
