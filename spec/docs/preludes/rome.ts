import { put } from '../helpers.js';

await put('forum.png', 'colosseum.png');
export const name = 'rome';
