// Runs in the page: the strongest frequency of what it plays to its user, over a second.
(async () => {
  const audio = document.querySelector('[data-testid="remote-audio"]');
  if (!(audio?.srcObject instanceof MediaStream)) return { frequency: 0, levelDb: -200 };
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 16_384, smoothingTimeConstant: 0 });
  context.createMediaStreamSource(audio.srcObject).connect(analyser);
  await context.resume();
  await new Promise((resolve) => { setTimeout(resolve, 1000); });
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  let loudest = 1;
  for (let n = 1; n < bins.length; n += 1) if (bins[n] > bins[loudest]) loudest = n;
  const levelDb = Number.isFinite(bins[loudest]) ? bins[loudest] : -200;
  const frequency = (loudest * context.sampleRate) / analyser.fftSize;
  await context.close();
  return { frequency, levelDb };
})();
