/** Where the bridge with that database (`sqlite:<path>`) listens for `footbridge admin`; undefined: nowhere. */
export function consolePath({ database }: { readonly database: string }): string | undefined {
  const path = database.slice('sqlite:'.length)
  return path === ':memory:' ? undefined : `${path}.sock`
}
