// Runs in the page of BrowserPhone: several WebRTC connections by name, and what each hears.
const phones = new Map();

const untilGathered = async (peer) => {
  while (peer.iceGatheringState !== 'complete') await new Promise((resolve) => { setTimeout(resolve, 20); });
  return peer.localDescription.sdp;
};

globalThis.phone = {
  async open(name, microphone) {
    const peer = new RTCPeerConnection({ iceServers: [] });
    const context = new AudioContext();
    await context.resume();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8_192;
    peer.ontrack = (event) => {
      const stream = new MediaStream([event.track]);
      const element = new Audio();
      element.srcObject = stream; // Chromium decodes a remote track only when an element plays it.
      element.muted = true;
      void element.play();
      context.createMediaStreamSource(stream).connect(analyser);
    };
    if (microphone) {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
      for (const track of stream.getTracks()) peer.addTrack(track, stream);
    } else {
      peer.addTransceiver('audio', { direction: 'recvonly' });
    }
    phones.set(name, { peer, context, analyser });
  },

  async offer(name) {
    const { peer } = phones.get(name);
    await peer.setLocalDescription(await peer.createOffer());
    return untilGathered(peer);
  },

  async answer(name, sdp) {
    const { peer } = phones.get(name);
    await peer.setRemoteDescription({ type: 'offer', sdp });
    await peer.setLocalDescription(await peer.createAnswer());
    return untilGathered(peer);
  },

  async acceptAnswer(name, sdp) {
    await phones.get(name).peer.setRemoteDescription({ type: 'answer', sdp });
  },

  setDirection(name, direction) {
    for (const transceiver of phones.get(name).peer.getTransceivers()) transceiver.direction = direction;
  },

  restartIce(name) {
    phones.get(name).peer.restartIce();
  },

  connectionState(name) {
    return phones.get(name).peer.connectionState;
  },

  press(name, keys) {
    phones.get(name).peer.getSenders()[0].dtmf.insertDTMF(keys, 100, 70);
  },

  heard(name) {
    const { analyser, context } = phones.get(name);
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    let best = 0;
    for (let i = 1; i < bins.length; i += 1) if (bins[i] > bins[best]) best = i;
    // Digital silence has a level of minus infinity, which JSON cannot carry.
    return { frequency: (best * context.sampleRate) / analyser.fftSize, level: Math.max(-200, bins[best]) };
  },

  async hangUp(name) {
    const { peer, context } = phones.get(name);
    phones.delete(name);
    for (const sender of peer.getSenders()) sender.track?.stop();
    peer.close();
    await context.close();
  },
};
