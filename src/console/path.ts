/** Where the bridge with that database file listens for `footbridge admin`; undefined: nowhere. */
export const consolePath = (database: string): string | undefined =>
  database === ':memory:' ? undefined : `${database}.sock`
