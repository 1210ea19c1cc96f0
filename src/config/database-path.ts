/** Path of the database file that the configuration names (`sqlite:<path>`); `:memory:`: there is none. */
export const databasePathOf = ({ database }: { readonly database: string }): string =>
  database.slice('sqlite:'.length)
