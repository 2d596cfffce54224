export declare const ENDED: string;
