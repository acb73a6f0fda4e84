/** One entry per version of the database; opening applies those it has not seen, in one transaction. */
export const migrations: readonly string[] = [
  `
CREATE TABLE container (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created INTEGER NOT NULL,
  config TEXT NOT NULL,
  status TEXT NOT NULL
) STRICT;
CREATE TABLE dependency (
  container TEXT NOT NULL REFERENCES container(id) ON DELETE CASCADE,
  needs TEXT NOT NULL,
  PRIMARY KEY (container, needs)
) STRICT, WITHOUT ROWID;
CREATE TABLE exec_session (
  id TEXT PRIMARY KEY,
  container TEXT NOT NULL REFERENCES container(id) ON DELETE CASCADE,
  data TEXT NOT NULL
) STRICT;
CREATE TABLE exit_code (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  code INTEGER NOT NULL
) STRICT;
CREATE TABLE pod (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created INTEGER NOT NULL,
  config TEXT NOT NULL,
  status TEXT NOT NULL
) STRICT;
CREATE TABLE volume (
  name TEXT PRIMARY KEY,
  created INTEGER NOT NULL,
  config TEXT NOT NULL,
  status TEXT NOT NULL
) STRICT;
CREATE TABLE volume_user (
  volume TEXT NOT NULL REFERENCES volume(name),
  container TEXT NOT NULL REFERENCES container(id) ON DELETE CASCADE,
  PRIMARY KEY (volume, container)
) STRICT, WITHOUT ROWID;
CREATE TABLE network_user (
  network TEXT NOT NULL,
  container TEXT NOT NULL REFERENCES container(id) ON DELETE CASCADE,
  PRIMARY KEY (network, container)
) STRICT, WITHOUT ROWID;
`,
]
