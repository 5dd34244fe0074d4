/** Lines that slurmstepd, pyxis and srun write around an error. */
export const STEPD = 'slurmstepd-node1: error: ';
export const PYXIS_FAILED = [
  `${STEPD}pyxis: failed to create container filesystem for image: /img/a.sqsh`,
  `${STEPD}pyxis: printing enroot log file:`,
];
export const SPANK_FAILED = [
  `${STEPD}spank: required plugin spank_pyxis.so: task_init() failed with rc=-1`,
  'srun: error: node1: task 0: Exited with exit code 1',
];
export const inPyxis = (...lines: string[]) => [
  ...PYXIS_FAILED,
  ...lines.map((line) => `${STEPD}pyxis:     ${line}`),
  ...SPANK_FAILED,
];
