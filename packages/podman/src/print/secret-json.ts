import type { SecretRecord } from '@libpod/libpod'

/** A secret as `podman secret inspect` shows it. */
export const secretJson = (secret: SecretRecord, data?: string) => ({
  ID: secret.id,
  CreatedAt: secret.createdAt,
  UpdatedAt: secret.updatedAt,
  Spec: {
    Name: secret.name,
    Driver: { Name: secret.driver, Options: secret.driverOptions },
    Labels: secret.labels,
  },
  ...(data === undefined ? {} : { SecretData: data }),
})
