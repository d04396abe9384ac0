/** Whether a message came by WebSocket: from a browser (RFC 7118). */
export const isWebSocket = (protocol: string): boolean => /^wss?$/i.test(protocol);
