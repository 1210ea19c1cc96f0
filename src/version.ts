import { readFileSync } from 'node:fs'

/** The version of the package, as NodeInfo and the User-Agent tell it. */
export const version: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
).version
