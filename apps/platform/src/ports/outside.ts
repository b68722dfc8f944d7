import type { GitHost, RepositoryCredentials } from '@slipway/domain'

/** Repositories elsewhere. */
export interface RemoteRepositories {
  /** Asks for a branch with the credentials given. Throws, in words, where there is none or nobody answers within ten seconds. */
  test(source: {
    host: GitHost
    repositoryUrl: string
    branch: string
    credentials: RepositoryCredentials | null
  }): Promise<void>
}

/** TXT records, as DNS has them now. */
export interface TxtReader {
  /** Each record's text; none where the name has none. Throws `unavailable` where DNS does not answer. */
  txt(name: string): Promise<string[]>
}
