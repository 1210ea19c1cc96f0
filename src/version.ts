import { readFileSync } from 'node:fs'

/** The version of the package, as NodeInfo and the User-Agent tell it. */
export const version: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
).version

/** How a bridge names itself to servers of the fediverse, which may ask back there. */
export const userAgentOf = ({ publicUrl }: { readonly publicUrl: string }): string =>
  `Footbridge/${version} (+${publicUrl}/)`
