/** Bytes of /dev/shm where nothing else is said (podman-run(1), --shm-size). */
export const usualShmSize = 65_536_000
