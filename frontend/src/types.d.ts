declare module "@alpinejs/csp" {
  const alpine: { data(name: string, part: () => object): void; start(): void };
  export default alpine;
}
