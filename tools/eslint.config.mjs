// The nearest configuration counts: n8n's is for what ships.
export { default } from '../eslint.tests.config.mjs';
