/** The version of Podman whose commands, options and output this program follows; what `podman --version` tells scripts. */
export const podmanVersion = '5.8.2'
