import type { PaperText } from './types.js'

/** Texts that quantization is fitted to. */
export interface CalibrationTexts {
  papers: readonly (PaperText | string)[]
  queries: readonly string[]
}

/** Papers of our own invention, of many fields and styles: enough to see what range a model's activations have. */
export const CALIBRATION_PAPERS: readonly PaperText[] = [
  {
    title:
      'Once-weekly versus daily oral iron for postpartum anaemia: a multicentre, open-label, non-inferiority randomised trial',
    abstract:
      'Background: Daily ferrous sulfate is poorly tolerated after childbirth, and many women stop within a month. Whether intermittent dosing corrects haemoglobin equally well is uncertain. Methods: Between March 2017 and October 2019 we enrolled women with haemoglobin of 80–105 g/L within 72 h of delivery at 14 maternity units in Portugal and Poland. Participants were allocated (1:1, permuted blocks stratified by site and parity) to 130 mg elemental iron once a week or 65 mg every day for 10 weeks. The primary endpoint was haemoglobin at week 10; the non-inferiority margin was −4 g/L. Findings: Of 912 women randomised, 861 (94.4%) contributed primary outcome data. Mean haemoglobin rose to 124.1 g/L (SD 9.8) with weekly and 125.6 g/L (SD 9.5) with daily treatment (adjusted difference −1.4 g/L, 95% CI −2.7 to −0.2). Constipation was reported by 11% versus 29% (risk ratio 0.38, 95% CI 0.28–0.52; p<0.0001). Ferritin below 15 µg/L persisted more often in the weekly group (18% vs 12%; p=0.014). Five serious adverse events occurred, none judged related to study medication. A prespecified subgroup analysis by mode of birth, by baseline haemoglobin (below or above 95 g/L) and by exclusive breastfeeding did not reveal heterogeneity. Fatigue, scored with a validated questionnaire at weeks 4 and 10, improved to the same extent. Pill counts indicated that 83% of the weekly doses but no more than 58% of the daily ones had been swallowed. Interpretation: Weekly supplementation was non-inferior for haemoglobin and gentler on the gut, although iron stores recovered more slowly. Funding: National research councils of both countries.',
  },
  {
    title: 'Occupation times of $\\alpha$-stable processes on thin fractal sets',
    abstract:
      'Let $X$ be a strictly $\\alpha$-stable Lévy process on $\\mathbb{R}^d$ with $1 < \\alpha \\le 2$, and let $K$ be a compact self-similar set of Hausdorff dimension $s > d - \\alpha$. We prove that the occupation measure of $X$ restricted to $K$ admits a jointly Hölder-continuous density whenever the open set condition holds, and that the exponent $(s - d + \\alpha)/\\alpha$ is sharp up to a logarithmic factor. The argument replaces the usual Fourier-analytic estimate by a chaining bound along the tree of cylinder sets, which makes it insensitive to the arithmetic of the contraction ratios. As a corollary, $\\limsup_{t \\to 0} L_t / t^{\\gamma}(\\log\\log 1/t)^{1-\\gamma}$ is almost surely a positive constant, extending a law of the iterated logarithm that had been known only for points and hyperplanes. Counterexamples on Cantor-type sets with overlapping pieces show that the separation hypothesis cannot be dropped entirely. Two open questions, concerning recurrent walks on nilpotent groups and zero sets of additive processes, close the paper.',
  },
  {
    title:
      'Tenir boutique au village : les petits commerces ruraux face à la vacance commerciale dans trois cantons du Massif central',
    abstract:
      'Cet article s’intéresse aux commerçants qui reprennent une épicerie, un café ou une boulangerie dans des communes de moins de 800 habitants. À partir de 46 entretiens semi-directifs et d’une observation de onze mois menée entre 2018 et 2020, nous décrivons les arrangements familiaux, bancaires et municipaux qui rendent ces reprises possibles. Loin de l’image du néo-rural idéaliste, la plupart des enquêtés sont issus des classes populaires locales et mobilisent un capital d’autochtonie hérité de parents artisans ou agriculteurs. Les mairies, en rachetant les murs, deviennent des bailleurs ambigus : elles soutiennent l’activité tout en exerçant un contrôle diffus sur les horaires, les prix et même la fréquentation des lieux. Nous montrons enfin que la fermeture, vécue sur le mode de la honte, est rarement liée à un déficit de clientèle ; elle résulte plus souvent d’une séparation conjugale, d’un problème de santé ou de l’épuisement. Ces résultats invitent à repenser les politiques de revitalisation, trop exclusivement centrées sur l’offre.',
  },
  {
    title: 'Borrowed Morphology: Sharing Subword Parameters Across Related Low-Resource Languages',
    abstract:
      'Multilingual language models allocate most of their vocabulary to a handful of well-documented languages, leaving speakers of smaller ones with badly fragmented tokens. We introduce GraftTok, a tokenizer that aligns affixes of related languages through character-level edit operations and ties their embeddings before pre-training begins. On a benchmark covering 23 Turkic, Bantu and Uralic varieties, a 110M-parameter encoder equipped with GraftTok improves part-of-speech accuracy by 3.1 points and named-entity F1 by 5.4 points over a byte-pair baseline trained on identical data. Gains are concentrated in languages with fewer than 2 million tokens; for Finnish and Turkish the difference is within noise. Ablations suggest that tying suffixes matters more than tying stems. We also report a negative result: the method does not help generation, where shared embeddings cause the decoder to mix orthographies. Code, tokenizers and evaluation splits are released under a permissive licence.',
  },
  {
    title: 'Field-tuned nematicity and a possible Lifshitz transition in strained single crystals of a layered pnictide',
    abstract:
      'Resonant ultrasound, elastoresistance and de Haas–van Alphen measurements are combined to follow the electronic nematic susceptibility of a nickel-doped BaFe2As2 derivative down to 0.35 K and up to 45 T. Under compressive strain of −0.4% along [110], the transition at 62 K splits into two anomalies separated by nearly 9 K. Quantum oscillations reveal a small hole pocket, F ≈ 210 T with an effective mass of 2.3(2) m_e, that vanishes abruptly above 31 T. Density-functional calculations including spin–orbit coupling place a van Hove singularity 6 meV below the Fermi level at the Z point, consistent with a field-driven reconstruction of the Fermi surface. No signature of superconductivity was found in the strained region, in contrast with the unstrained samples, where T_c reaches 17.8 K. These observations constrain theories in which nematic fluctuations alone provide the pairing glue. A phenomenological free energy with biquadratic coupling between orbital and spin order parameters captures the strain–temperature phase diagram, including the tricritical point near 41 K, if the magnetoelastic constant is allowed to soften by 30% in the vicinity of the split transition. Measurements on a second batch, grown from Sn flux in place of self-flux, gave indistinguishable frequencies but a Dingle temperature roughly 1.5 times higher; disorder is therefore unlikely to be the origin of the anomaly at high field.',
  },
  {
    title: 'Deadwood legacies and saproxylic beetle recovery twenty-five years after windthrow in a montane spruce forest',
    abstract:
      'Salvage logging removes the very substrate on which many threatened insects depend, yet long-term evidence remains scarce. We resampled 60 plots in the Šumava Mountains that had either been cleared or left untouched following a storm in the early 1990s. Flight-interception traps yielded 18,432 individuals of 391 saproxylic beetle species. Unlogged plots held 1.7 times as many red-listed taxa, among them Peltis grossa and Ceruchus chrysomelinus, both strongly associated with Picea abies logs colonised by Fomitopsis pinicola. Assemblages on cleared ground converged toward those of managed stands rather than toward old growth. Canopy openness, not deadwood volume, best explained total abundance, whereas decay-class diversity governed rarity. Generalised dissimilarity models indicate that roughly 40 m³ per hectare of mixed-decay material suffices for most specialists, a quantity well above current subsidy thresholds. Leaving a third of disturbed stands unsalvaged would be an inexpensive conservation measure.',
  },
  {
    title: 'Comment on “Glacial refugia of the alpine marmot”',
    abstract: null,
  },
  {
    title: 'Nickel-catalysed reductive carboxylation of unactivated alkyl chlorides at ambient CO2 pressure',
    abstract:
      'Alkyl chlorides are cheap, abundant and stubborn. Here we describe a protocol that converts primary and secondary chlorides into carboxylic acids under one atmosphere of CO2 with NiBr2·glyme (5 mol%), a 6,6′-disubstituted bipyridine ligand and manganese powder in N,N-dimethylacetamide at 40 °C. Forty-four substrates, including esters, nitriles, aryl boronates and free indoles, gave isolated yields between 48 and 93%. Adding tetrabutylammonium bromide proved decisive: ¹³C-labelling, radical-clock and cyclic-voltammetry experiments support slow halide exchange followed by single-electron oxidative addition to a low-valent Ni(I) species. Chain-walking toward terminal positions was observed when the ligand’s methyl groups were replaced by hydrogen, which offers a convenient switch of regiochemistry (r.r. up to 97:3). The reaction was run on a 20 g scale without a glovebox, and a [¹³C]-analogue of a γ-aminobutyric acid uptake inhibitor was obtained in three steps and 61% overall yield.',
  },
  {
    title: 'Do Minimum Wages Reach the Self-Employed? Evidence from Platform Couriers',
    abstract:
      'Minimum-wage statutes typically exclude independent contractors, but general-equilibrium forces may carry their effects across the legal boundary. Exploiting staggered municipal increases between 2015 and 2019, we combine administrative tax records with 41 million delivery logs from a large courier platform. A one-dollar rise in the local minimum lifts contractors’ hourly net earnings by $0.37 (s.e. 0.09), with two thirds of the pass-through arising from reduced labour supply to the platform rather than from higher posted fares. Entrants become older and work longer shifts; tips fall slightly. An event-study design shows flat pre-trends, and results survive alternative estimators that allow for heterogeneous treatment effects. We rationalise these patterns in a search model where workers direct applications toward either wage jobs or gig tasks. Counterfactual simulations imply that extending coverage to contractors would raise earnings by an additional 6% but lower active hours by 11%. JEL codes: J31, J38, L84.',
  },
  {
    title: 'Hippocampal sharp-wave ripples gate dopaminergic prediction errors during sleep',
    abstract:
      'How offline replay acquires motivational significance is unresolved. We recorded simultaneously from dorsal CA1 and the ventral tegmental area in nine freely sleeping rats that had learned a four-arm foraging task with drifting reward probabilities. Tagged dopamine neurons (n = 87) fired preferentially 40–90 ms after ripples whose content, decoded with a clusterless state-space model, represented arms with recently increased value (mixed-effects β = 0.21, P = 3 × 10⁻⁶). Ripples depicting devalued arms were followed by a pause. Closed-loop optogenetic silencing of TH⁺ cells in this window, but not 300 ms later, abolished next-day preference updating while sparing spatial accuracy. Interestingly, the coupling was absent in REM sleep and weakened under a D2 antagonist infused into the nucleus accumbens. Together the data argue that reward teaching signals are regenerated, rather than merely consolidated, when the brain is disconnected from the world, and they reconcile two competing accounts of memory triage. Control experiments excluded several mundane explanations. Tagging efficiency did not depend on depth, ripples detected on a contralateral tetrode led to identical conclusions, and shuffling decoded content within sessions destroyed the relationship. A reduced network model, made of a recurrent CA3-like generator, a critic with slow and fast plasticity and a gating unit representing the lateral habenula, recapitulates the timing of the pause and predicts that stress should lengthen it, which remains to be tried.',
  },
  {
    title: 'Flexural fatigue of lightly reinforced concrete slabs with recycled brick aggregate',
    abstract:
      'Crushed brick from demolition is plentiful in many cities, but bridge authorities hesitate to permit it in decks because data on cyclic loading are lacking. Twenty-two one-way slabs (2.4 m × 0.6 m × 0.15 m, reinforcement ratio 0.42%) were cast with 0, 25, 50 and 100% replacement of coarse aggregate. After static testing of one slab per series, the remainder were subjected to sinusoidal loads at 4 Hz with peak levels between 55% and 85% of ultimate capacity. At equal stress ratios, complete replacement shortened fatigue life by a factor of about 3.5; a quarter substitution had no measurable influence. Digital image correlation revealed finer, more closely spaced cracks in the brick series, and residual stiffness after 10⁶ cycles was lower by 14–19%. An S–N relation with a moisture-dependent coefficient fits all results within ±12%. We recommend limiting the substitution to 30% for decks and provide partial factors compatible with current European practice.',
  },
  {
    title: 'Silence as consent? Implied waiver of state immunity in investment arbitration',
    abstract:
      'Tribunals and domestic courts have reached inconsistent conclusions on whether ratifying a multilateral arbitration convention waives a sovereign’s immunity from execution as well as from jurisdiction. This article argues that the divergence is less about treaty text than about the interpretive weight each forum gives to silence. It first reconstructs the drafting history of the relevant provisions, drawing on archival material from The Hague and Washington. It then reads 37 judgments delivered in eleven jurisdictions through the lens of the Vienna Convention’s rules on interpretation, finding that courts of the seat rely overwhelmingly on object and purpose while courts of enforcement retreat to ordinary meaning. A third part considers the position of third-party creditors and funders, whose interests are almost never articulated. Rather than a new protocol, the author proposes a rebuttable presumption: property in commercial use, located in a contracting state, should be regarded as falling within the scope of consent unless the instrument of ratification says otherwise. Such a presumption would not be costless. It might discourage smaller states from joining, and it would leave central-bank assets, diplomatic premises and cultural objects in need of separate protection. The concluding section therefore offers model wording, compares it with the legislation of five common-law countries, and assesses how far regional human-rights guarantees of access to a court could lend it support.',
  },
  {
    title: 'Schreiben im Fach Physik: Wie Lehramtsstudierende Rückmeldungen auf Versuchsprotokolle formulieren',
    abstract:
      'Versuchsprotokolle gelten als zentrale Textsorte des naturwissenschaftlichen Unterrichts, doch angehende Lehrkräfte werden auf das Kommentieren solcher Texte kaum vorbereitet. In der vorliegenden Studie bearbeiteten 128 Studierende an vier Hochschulen jeweils sechs authentische Schülerprotokolle der Jahrgangsstufe 9. Die 3 914 schriftlichen Kommentare wurden nach Fokus (fachlich, sprachlich, formal), Ton und Handlungsbezug kodiert (Cohens κ = 0,78). Mehr als die Hälfte der Anmerkungen betraf Oberflächenmerkmale wie Rechtschreibung oder Tabellenlayout; lediglich 17 % enthielten einen konkreten Überarbeitungshinweis. Eine Mehrebenenanalyse zeigt, dass fachdidaktisches Wissen, nicht jedoch die Studiendauer, mit der Qualität der Rückmeldung zusammenhängt. Ein neunzigminütiges Training mit Beispielkommentaren führte bei der Hälfte der Teilnehmenden zu deutlich stärker inhaltsbezogenen Rückmeldungen (d = 0,64), wobei der Effekt nach acht Wochen etwas abnahm. Abschließend werden Folgerungen für die Verzahnung von Fachdidaktik und Sprachbildung in der ersten Ausbildungsphase diskutiert.',
  },
  {
    title: 'A sub-Neptune in a near-resonant chain around the bright K dwarf TOI-9921',
    abstract:
      'We announce the discovery and characterisation of three transiting planets orbiting a V = 9.3 mag K3 dwarf at 31 pc. Light curves from five space-based sectors and two ground facilities yield periods of 4.8817, 7.3390 and 14.701 d, within 0.4% of a 3:2 and a 2:1 commensurability. From 142 high-resolution spectra with a median precision of 0.9 m s⁻¹ we determine masses of 3.1 ± 0.6, 5.8 ± 0.7 and 9.4 ± 1.1 M⊕; the corresponding radii are 1.38, 2.21 and 2.67 R⊕. Transit-timing variations of up to 11 min independently confirm the outer two values. Planet b straddles the radius valley and is consistent with a bare Earth-like interior, whereas c and d must retain either a 1–2% H/He envelope or a water-rich layer. Stellar activity (P_rot ≈ 23 d, log R′_HK = −4.61) was modelled by a quasi-periodic Gaussian process. With a transmission spectroscopy metric of 118, planet d is an excellent target for infrared follow-up of CH₄, CO₂ and NH₃. Adaptive-optics imaging excludes companions brighter than ΔK = 7.5 beyond 0.3″, and archival astrometry shows no acceleration. Dynamical integrations over 10⁸ orbits are stable for eccentricities below 0.08; the Laplace angle librates in 71% of the posterior draws, a hint that the system escaped the late instabilities thought to break most chains. Member of a moving group or not (its space velocity, 41 km s⁻¹ relative to the local standard of rest, is ambiguous), the star is probably older than 2 Gyr, according to gyrochronology and a weak Li I line.',
  },
  {
    title: 'Biallelic loss-of-function variants in a zinc-finger gene cause syndromic short stature with cerebellar atrophy',
    abstract:
      'Exome sequencing of 312 unsolved families with disproportionate growth failure identified seven individuals from five unrelated kindreds carrying biallelic variants in ZNF9XX, a previously uncharacterised C2H2 zinc-finger gene on 16q24.1. Affected children shared prenatal-onset growth deficiency (−4.2 to −6.8 SD), progressive cerebellar vermis atrophy, sparse hair and a distinctive long philtrum. Four alleles introduce premature stop codons; c.1183G>A (p.Gly395Arg) disrupts DNA binding in electrophoretic mobility shift assays. Patient fibroblasts displayed delayed S-phase entry, elevated γH2AX foci after hydroxyurea and a twofold reduction of CDKN1C transcripts, phenotypes rescued by wild-type but not mutant cDNA. Knockout zebrafish were 22% shorter at five days post-fertilisation and showed granule-cell loss. Growth hormone given to two siblings for 18 months brought no benefit. We propose that the encoded protein restrains origin firing and that its deficiency defines a recognisable recessive disorder of replication timing.',
  },
  {
    title: 'Editorial: Staffing is a safety intervention',
    abstract:
      'Each winter the same headlines return: corridors filled with trolleys, agency shifts at triple pay, exhausted nurses leaving the register. What seldom returns is the argument that these are measurable harms with a known remedy. In this issue, three reports from very different systems converge on one uncomfortable figure, namely that every additional patient per registered nurse costs lives. Critics will object that observational data cannot settle causality. Nobody asked for a randomised trial of fire exits. We urge ministries to publish ward-level ratios monthly, to tie hospital accreditation to them, and to stop counting trainees as staff. Our journal will play its part by requiring authors of workforce studies to report skill mix alongside headcount. Readers who disagree are invited to write.',
  },
  {
    title: 'Lantern: Predictable Tail Latency for Disaggregated Key-Value Stores',
    abstract:
      'Separating memory from compute lets datacentre operators scale each independently, at the price of microsecond-scale remote accesses whose tails are hard to control. Lantern is a key-value store for RDMA-attached memory pools that bounds 99.9th-percentile latency without reserving bandwidth. Its central idea is speculative indexing: clients cache learned models of the remote hash layout and issue a single one-sided READ in the common case, falling back to a two-hop path only when a version tag disagrees. A lightweight admission controller, running on programmable switches, delays bulk compactions whenever queue depth exceeds a threshold derived from each tenant’s objective. On a 48-node cluster with 100 Gb/s links, our prototype sustains 61 M ops/s under YCSB-B, reduces p99.9 from 240 µs to 38 µs relative to the strongest competitor, and recovers from the crash of a memory node within 1.3 s. We discuss what went wrong in two earlier designs and why transactions across pools remain out of reach. In a month-long deployment behind an advertising back end, the system absorbed three unplanned link failures and one firmware regression; operators never had to retune it. Memory utilisation settled at 78%, some nine points above that of the replicated cache it superseded. The artefact, consisting of about 19,000 lines of C++ and 1,100 lines of P4, has been evaluated as reproducible.',
  },
  {
    title: 'Attributing the 2018–2021 compound drought in the southern Caucasus to anthropogenic warming and circulation change',
    abstract:
      'Four consecutive dry years depleted reservoirs and halved wheat yields across Armenia and eastern Georgia. Using station observations, ERA5 and six large ensembles, we quantify how human influence altered the likelihood of such a multi-year event. Precipitation deficits alone had a return period of roughly 35 years (95% range 18–80), and models disagree on the sign of any trend. Soil-moisture deficits tell another story: rising evaporative demand, equivalent to +1.3 °C of regional warming, made the observed anomaly about six times more probable than in a pre-industrial climate. Flow-analogue analysis links a further third of the severity to persistent ridging over the Black Sea, for which no forced signal could be detected. Under 2 °C of global warming, droughts of this magnitude would recur every 7–12 years. We caution that the sparse gauge network above 2,000 m, thinned drastically since the 1990s, dominates the uncertainty budget and cannot be remedied by higher model resolution. Irrigation complicates matters too: withdrawals from the Aras basin increased by about 15% during the event, cooling daytime maxima at some stations and masking part of the signal. Interviews with water-user associations point out that farmers adapted by drilling wells, thereby transferring the shortage to the following decade. A storyline experiment, in which the observed winds were nudged into warmer and cooler worlds, supports the thermodynamic part of our statement and puts it at between 35 and 50% of the soil-moisture anomaly.',
  },
  {
    title: 'Evaluación agronómica y sensorial de variedades locales de papa nativa en comunidades altoandinas',
    abstract:
      'Las papas nativas del género Solanum sustentan la alimentación de miles de familias por encima de los 3 500 m s. n. m., pero su rendimiento y aceptación fuera de las comunidades han sido poco estudiados. Durante tres campañas (2016–2019) se sembraron 18 variedades en parcelas de agricultores de Huancavelica y Puno, bajo un diseño de bloques incompletos balanceados. El rendimiento medio fue de 11,4 t/ha, con un rango de 5,2 a 19,8; la interacción genotipo × ambiente explicó el 38 % de la varianza. Cuatro variedades mostraron resistencia de campo a Phytophthora infestans sin aplicación de fungicidas. En pruebas hedónicas con 240 consumidores de Lima, las de pulpa morada obtuvieron las puntuaciones más altas en color y textura, aunque su contenido de glicoalcaloides (hasta 14 mg/100 g) exige un manejo cuidadoso de la exposición a la luz. Se concluye que los mercados diferenciados pueden incentivar la conservación in situ, siempre que las semillas permanezcan bajo control comunitario.',
  },
  {
    title: 'Differential object marking without animacy: the view from a Chadic language',
    abstract:
      'Cross-linguistic work on differential object marking treats animacy and definiteness as the principal triggers of overt accusative morphology. Drawing on 42 hours of recorded narrative and elicitation with fourteen speakers, I show that in Ghulvan (a Central Chadic language of northern Cameroon) the object enclitic =ŋa is conditioned by neither. Its distribution instead tracks discourse expectancy: objects that fulfil the script evoked by the verb (‘draw water’, ‘pound millet’) remain bare, while unexpected ones are flagged irrespective of humanness, specificity or topicality. A forced-choice experiment corroborates the corpus findings, with expectedness ratings predicting enclitic use (z = 5.9) once verb identity is controlled for. The analysis recasts =ŋa as a marker of low conditional probability, akin to what information-theoretic approaches have claimed for optional case in Japanese. It follows that typological scales may be epiphenomenal, emerging wherever animate patients happen to be rare in usage. The paper also addresses the diachronic source of the enclitic. Comparative evidence from neighbouring Mandara and Daba varieties suggests a contrastive focus particle (‘that one, not another’), whose bleaching is mirrored in children’s speech: five-year-olds overuse =ŋa with predictable objects, and converge upon the adult pattern by about eight. Glossed examples, sound files and the statistical scripts have been deposited with an endangered-languages archive.',
  },
  {
    title: 'Crack-healing Ti2AlC coatings deposited by high-velocity spraying on nickel superalloys',
    abstract:
      'MAX-phase ceramics combine metallic machinability with refractory oxidation resistance, but dense coatings thicker than 100 µm have proven elusive. We sprayed gas-atomised Ti2AlC powder (d50 = 22 µm) onto Inconel 718 at particle velocities above 900 m/s and obtained layers 240 µm thick with 1.8% porosity and only minor TiC and Ti3AlC2 impurities according to Rietveld refinement. Indentation cracks of up to 35 µm in length closed fully after 2 h at 1100 °C in static air, owing to preferential formation of α-Al2O3 along the crack faces. Four-point bending recovered 91% of the original strength. Thermal cycling between 200 and 1050 °C produced spallation after 640 cycles, compared with 410 for a conventional MCrAlY bond coat; failure initiated at the interdiffusion zone, where brittle β-NiAl precipitates coarsened. Electron backscatter diffraction and nano-CT reconstructions are presented together with a simple parabolic kinetic model for healing time as a function of crack width.',
  },
  {
    title: 'Who cites retracted articles, and why do they persist? A mixed-methods study of post-retraction citations',
    abstract:
      'Retraction is meant to remove unreliable work from circulation, yet citations often continue for years. We traced 9,604 citing documents to 731 biomedical articles retracted from 2005 to 2018, classified the context of a stratified sample of 1,200 citations by hand, and interviewed 26 citing authors. Only 7.3% of the sampled citations acknowledged the retraction. Reference managers and locally stored PDFs, rather than publisher platforms, emerged as the principal route by which invalid results re-enter the literature; in 58% of the cases the citing author had first obtained the article before the notice appeared. Paywalled notices and inconsistent metadata in bibliographic databases aggravated the problem. Interviewees expressed embarrassment but little sense of responsibility, frequently describing the citation as “decorative”. We recommend that editorial systems check reference lists against open retraction data at submission and again at acceptance, and that notices carry a persistent identifier linked in both directions. A small trial with two society journals proved the proposal to be workable: of 640 accepted manuscripts screened over a year, 19 cited a retracted item, and every author contacted either removed the citation or added a remark within four days. Librarians, for their part, could load retraction feeds into link resolvers and discovery layers, something that just three of the 50 university libraries we surveyed had done. We reflect on whether “retraction” covers too much, from honest error to fabricated images, for a single label to guide readers.',
  },
  {
    title: 'Conformal prediction bands for functional data under local exchangeability',
    abstract:
      'Conformal inference delivers finite-sample coverage when observations are exchangeable, an assumption that rarely holds for curves collected over time. We define a notion of local exchangeability, controlled by the total variation distance between neighbouring observations, and construct simultaneous prediction bands whose coverage is at least $1 - \\delta - O(h^{\\beta} + (nh)^{-1/2})$, where $h$ is a bandwidth and $\\beta$ a smoothness index. The bands have data-adaptive width, obtained by modulating a depth-based nonconformity score with an estimate of pointwise scale. Choosing $h$ by a Lepski-type rule costs no more than a logarithmic term. Simulations with drifting covariance operators indicate that existing split-conformal procedures can under-cover by fifteen percentage points, while ours stays within two. Daily electricity-demand profiles for Brno and half-hourly ozone curves illustrate the methodology; an R package accompanies the article. Proofs of the main theorems rely on a coupling inequality that may be useful in its own right.',
  },
  {
    title: 'Trusting what we cannot understand: testimony, opacity and the ethics of deference',
    abstract:
      'It is commonly held that deferring to an expert is rational only if one has some grasp, however indirect, of why the expert should be believed. I dispute this. Cases in which a layperson relies on an instrument, an institution or an algorithm whose workings are closed to everyone, its makers included, suggest that the demand for reasons is misplaced; what matters is whether the deferring agent stands in a relation of answerability to those who deploy the source. After distinguishing epistemic from practical opacity, I examine two objections. The first, inspired by Kant’s remarks on self-incurred immaturity, alleges that such deference is servile. The second says that answerability collapses into reliability. Neither succeeds. I close by sketching what the account implies for medical consent, where patients are now asked to accept risk scores that their physicians cannot explain, and for the older debate on moral testimony. Along the way I take issue with the fashionable analogy between machine-learning systems and oracles. An oracle speaks from nowhere and cannot be dismissed; a hospital’s software, on the contrary, was bought by somebody, against alternatives, under a contract that can be read. To forget this is to mistake a political arrangement for a metaphysical mystery. Nor does my view license credulity, since answerability may fail, and when it does the appropriate reaction is distrust no matter how accurate the outputs are.',
  },
]

/** Searches as people type them; the first is empty. */
/** Queries as they are typed, the empty one included. */
export const CALIBRATION_QUERIES: readonly string[] = [
  '',
  'reinforcement learning',
  'does vitamin D reduce the risk of falls in elderly people',
  'photosynthesis',
  'CRISPR off-target effects in primary human T cells',
  'BRCA1',
  'graph neural networks for molecular property prediction',
  'why do people believe in conspiracy theories?',
  'perovskite solar cell stability under humidity',
  'lower bounds for sorting networks',
  'Higher sea surface temperatures cause earlier spawning of Atlantic cod.',
  'minimum wage employment border counties',
  'exoplanet atmosphere water vapour JWST',
  'Lévy flights first passage time',
  'how to measure readability of consent forms',
  'intermittent fasting vs calorie restriction type 2 diabetes randomized trial',
  'Müller-Lyer illusion cross-cultural',
  'SARS-CoV-2 wastewater',
  'large language models hallucination detection without external knowledge',
  'contrat social et inégalités scolaires en France',
  'Mikroplastik in Binnengewässern',
  'cambio climático y migración rural',
  'topological insulators review',
  'side-channel attacks on lattice-based cryptography',
  'Women are less likely than men to be prescribed statins after a heart attack',
  'what is the best way to split clinical data for cross-validation',
  'earthquake early warning smartphone',
  'medieval trade routes Baltic amber',
  'bee decline pesticides neonicotinoid Bombus terrestris colony growth',
  'transformer',
]
