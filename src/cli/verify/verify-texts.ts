import type { Texts } from '../texts-file.js'

/**
 * Invented papers and queries from many sciences, of 3 to 400 tokens. No quantization was calibrated on them, and none may be.
 */
export const verifyTexts: Texts = {
  papers: [
    { title: 'Errata', abstract: null },
    { title: 'A note on primes', abstract: '' },
    { title: 'Lichens of the Faroe Islands', abstract: null },
    { title: 'Why do whales strand? A review of hypotheses since 1950', abstract: null },
    { title: 'Zur Geschichte der Glasbläserei in Böhmen, 1680–1740', abstract: null },
    { title: '', abstract: 'The second moment diverges, so no confidence interval of this form exists.' },
    {
      title: 'Tides in a subsurface ocean',
      abstract: 'Heat from tides keeps the ocean of a small icy moon liquid if its shell is thinner than 20 km.',
    },
    {
      title: 'Counting fish by their DNA in lake water',
      abstract:
        'One litre of water holds enough shed DNA to tell 31 of 34 species known from nets. Abundance is another matter: concentrations followed biomass in still water (r = 0.71) and hardly at all near inflows.',
    },
    {
      title: 'Do minimum wages move shop prices?',
      abstract:
        'Scanner data from 2,840 shops around nineteen state borders show that prices of groceries rise by 0.4 % within three months of a 10 % rise in the minimum wage. The effect is larger where poorer households shop, which takes back a ninth of their gain.',
    },
    {
      title: 'La pérdida de consonantes finales en el español del Caribe',
      abstract:
        'Se analizan 1.200 minutos de habla espontánea de tres generaciones. La elisión de /s/ final depende del contexto fonológico y de la edad, pero no del sexo; año tras año avanza en posición prevocálica.',
    },
    {
      title: 'A lower bound for sorting with noisy comparisons',
      abstract:
        'If each comparison errs with probability p < 1/2, independently, then sorting n keys with failure probability δ needs at least (1 − o(1)) n log2 n / (1 − H(p)) comparisons, where H is the binary entropy. The bound is met up to lower-order terms by insertion with a random walk.',
    },
    {
      title: 'Statin use and muscle complaints in adults over 75: a crossover trial without label',
      abstract:
        'BACKGROUND: Muscle pain is the usual reason for stopping statins. METHODS: 212 patients took atorvastatin 20 mg and placebo in six alternating two-month periods. RESULTS: Pain scores were 4.1 (SD 2.0) and 4.0 (SD 2.1). CONCLUSION: Most complaints were not caused by the drug (95 % CI −0.2 to 0.4).',
    },
    {
      title: 'Perovskite–silicon tandem cells with a textured interface',
      abstract:
        'Texturing the silicon on a scale below 1 µm lets the perovskite be cast from solution without voids. Cells of 1 cm² reach 29.1 % under AM1.5G and keep 94 % of that after 1,000 h at 65 °C. Photoluminescence maps place the remaining loss at the C60 contact, not in the absorber.',
    },
    {
      title: 'The grammar of apology in customer letters',
      abstract:
        'We annotate 3,000 letters by airlines for who regrets what. Agentless passives ("your bag was delayed") occur twice as often where compensation is refused. Readers in two experiments rated them as less sincere even when they could not say why.',
    },
    {
      title: 'Late Bronze Age tin came from several continents',
      abstract:
        'Isotopes of tin and lead, and trace indium, in 27 ingots from three wrecks off Israel and Turkey point to mines in Cornwall, Central Asia and the Erzgebirge. No single trade route explains the mixture within one cargo.',
    },
    {
      title: 'Grid cells tile imagined space at the scale of walked space',
      abstract:
        'Patients with electrodes in the entorhinal cortex walked through a hall and later imagined the same walk. Six-fold modulation of theta power kept its phase between the two (p = .003, permutation), and its scale differed by less than 8 %.',
    },
    {
      title: 'Learning to grasp transparent objects from polarised light',
      abstract:
        'Depth cameras fail on glass. We give a robot four images behind polarisers at 0°, 45°, 90° and 135°, and a network that predicts surface normals and their uncertainty. On 60 household objects grasps succeed in 91 % of trials, against 54 % with depth alone; code and images are public.',
    },
    {
      title: 'Measuring the Hubble constant with lensed supernovae',
      abstract:
        'Time delays between the images of three supernovae behind galaxy clusters give H0 = 70.9 ± 3.8 km s⁻¹ Mpc⁻¹. Half of the uncertainty comes from the mass model; spectroscopy of member galaxies would halve it.',
    },
    {
      title: 'Teaching fractions on the number line or with pies: a cluster trial in 84 classes',
      abstract:
        'Classes of nine-year-olds were assigned to twelve lessons with number lines, with pies, or as usual. On a test four months later the number-line classes were .34 standard deviations ahead of both, most of it on problems with improper fractions. Teachers found the lessons no harder to prepare.',
    },
    {
      title: 'CRISPR screens under drought find a brake on root growth in sorghum',
      abstract:
        'We edited 1,412 transcription factors in pools and grew 40,000 plants at two levels of soil water. Loss of SbWRK31 lengthened roots by 22 % under drought and cost nothing in wet soil. In field plots over two seasons the yield under drought rose by 0.6 t/ha; seed protein was unchanged.',
    },
    {
      title: 'Tracer-free estimates of groundwater age from noble gases and heat',
      abstract:
        'Dissolved helium, neon and argon, together with borehole temperature, constrain the age of groundwater where tritium is gone and radiocarbon is blurred by carbonate. In a sandstone aquifer of 90 km the method gives 4 to 31 thousand years, within 15 % of krypton-81 where both exist, and shows a pulse of recharge at the end of the last glaciation.',
    },
    {
      title: 'Privacy budgets in practice',
      abstract:
        'Differential privacy bounds what a published statistic tells about one person, by ε. We read the documentation of 41 deployments. Values of ε span five orders of magnitude, the unit of privacy is a day, a user or an event, and only nine say how releases compose over time. We propose a one-page label, and show on census tables that two deployments with equal ε may differ thirty-fold in what an attacker learns.',
    },
    {
      title: 'Monsoon failure and the price of rice in Edo Japan',
      abstract:
        'Tree-ring cellulose δ18O from 67 cypress beams gives summer rainfall in central Japan for every year from 1612 to 1868. Prices in Ōsaka follow it with a lag of one harvest. After 1780 the link weakens: domain granaries and coastal shipping, not better weather, calmed the market. The famines of Tenmei and Tenpō stand out as two failures in a row, which no granary was built to bridge.',
    },
    {
      title: 'A randomised comparison of handwriting and typing in note-taking for people with aphasia',
      abstract:
        'People who lose words after a stroke are often told to write by hand. Fifty-six adults with chronic aphasia took notes on short talks, by hand and on a keyboard, in random order. They wrote fewer words by hand (median 19 against 33) but recalled more ideas a day later (7.2 against 5.9 of 20; difference 1.3, 95 % interval 0.5 to 2.1). The gain did not depend on the hand that was used nor on severity. Speech therapists who read the notes blind could not tell which had been typed once they were printed. We conclude that slowness itself may help, and that advice should not rest on the pen.',
    },
    {
      title: 'Self-healing concrete by encapsulated Bacillus spores: three winters on a road bridge',
      abstract:
        'Cracks in concrete let in water and salt. Spores of Bacillus cohnii in clay beads germinate when a crack opens and precipitate calcite. Laboratory beams heal cracks up to 0.8 mm, but few field data exist. We cast one of two identical decks of a road bridge with 3 % beads by volume and followed both for three winters with 212 freeze–thaw cycles. Median crack width on the treated deck fell from 0.28 to 0.09 mm; on the plain deck it rose to 0.37 mm. Chloride at 40 mm depth was 0.03 % and 0.11 % of cement mass. Compressive strength at 28 days was 7 % lower with beads and equal after one year. At today’s prices the beads add 31 € per cubic metre, less than one sealing of the surface.',
    },
    {
      title: 'Graph rewiring by effective resistance: when does it help message passing?',
      abstract:
        'Message-passing networks lose information where many paths meet in few edges. Adding edges between vertices of high effective resistance has been proposed as a cure. We prove that adding k such edges lowers the total resistance by at least a factor that depends only on k and the spectral gap, and that the sensitivity of a node to a distant one grows accordingly. Experiments on 14 data sets are less kind: rewiring helps by 1 to 6 points where labels depend on distant vertices, as in molecules with long chains, and hurts by up to 3 where neighbours agree, as in citation graphs. A test that needs no training, the correlation of label disagreement with resistance, tells in advance on which side a data set falls (accuracy 12 of 14). We therefore advise to measure before rewiring, and give a library that does both in near-linear time by Laplacian sketches. All results are means over ten seeds; hyperparameters were tuned for the plain and the rewired networks with the same budget, since an earlier comparison that tuned only one of them found gains that we could not reproduce.',
    },
    {
      title: 'Microplastics in alpine snow: deposition, size and origin along a transect from the Po plain to the Inn valley',
      abstract:
        'Small plastic particles travel by air, yet the amounts that reach mountains are known to within a factor of a hundred at best. We collected fresh snow at 22 sites between 210 and 3,480 m above sea level, on both sides of the main ridge, within twelve hours after each of nine snowfalls in two winters. Filters were read by infrared microscopy with automated matching down to 11 µm, and blanks were carried through every step; counts below three times the blank are reported as such and left out of means. Concentrations ranged from 40 to 14,600 particles per litre of melt, with a median of 310. Polyethylene, polypropylene and tyre rubber made up 74 % of the particles. Numbers fell with height up to 1,500 m and were flat above, while the median size fell all the way, from 47 to 19 µm, as one expects if large particles settle close to their sources. Back trajectories and the ratio of rubber to polyester place two thirds of the load above 2,000 m in the plain to the south and the rest in the valley to the north; a contribution from across the Mediterranean was found in two of nine snowfalls only, both with Saharan dust. Scaled to the catchment of the glacier at the head of the transect, deposition amounts to 8 ± 5 kg in a year. That is little beside soot, but the particles stay: a shallow core holds them in layers as old as 1974, in amounts that double every eleven years. We discuss why earlier surveys differ, publish all spectra with their scores, and ask for a ring test, without which figures from different laboratories should not be compared.',
    },
    'Attention!',
    'We thank the reviewers, whose remarks on an earlier version were of great help.',
  ],
  queries: [
    'qubits',
    'coral bleaching',
    'β-lactam resistance in Klebsiella',
    'how do bees find their way home',
    'effect of school starting age on later income',
    'papers on the fairness of credit scoring',
    'Can a sparse autoencoder explain what a language model computes?',
    'évolution des glaciers alpins depuis 1850',
    'vitamin D supplements do not prevent fractures in older adults',
    'solid-state batteries: lithium dendrites at the interface of garnet electrolytes',
    'systematic reviews that compare cognitive behavioural therapy with drugs for insomnia in people over sixty, with follow-up of a year or more',
  ],
}
